"""Writing: each planned reactivation gets its text, its hours and its offer."""

import pytest
from outbox import OPEN, Outbox
from salon_rows import Salon

from vernis.adapters.writer_templates import TemplateWriter
from vernis.domain import Draft, MessageFacts
from vernis.errors import UsageError
from vernis.stages import companies, writing


class Dictating:
    """A writer that writes down what it was told."""

    def __init__(self) -> None:
        self.facts: list[MessageFacts] = []

    async def write(self, company, facts):
        self.facts += facts
        return [Draft(text=f"Текст {one.seed}", template=f"t{one.seed}") for one in facts]


@pytest.fixture
def outbox(db, company, store, clock):
    return Outbox(Salon(db, company), store, clock)


@pytest.fixture
def salon(outbox):
    return outbox.salon


@pytest.fixture
def writes(outbox):
    async def write(writer=None, *, now=OPEN) -> int:
        salon = outbox.salon
        return await writing.write(salon.db, salon.company, writer or Dictating(), now=now)

    return write


async def _planned(outbox, client=None, **values):
    unwritten = {"message_text": None, "account_id": None, "send_after": None, "deadline": None}
    return await outbox.message(state="planned", client=client, **unwritten | values)


async def test_a_text_its_template_and_its_account_are_stored(outbox, writes):
    id_ = await _planned(outbox)
    assert await writes() == 1
    row = await outbox.row(id_)
    assert (row["state"], row["message_text"], row["message_template"]) == (
        "written",
        f"Текст {id_}",
        f"t{id_}",
    )
    assert row["account_id"] == await outbox.account()


async def test_what_is_written_is_not_written_again(outbox, writes):
    await _planned(outbox)
    assert (await writes(), await writes()) == (1, 0)


async def test_more_than_a_batch_is_written(outbox, writes, monkeypatch):
    monkeypatch.setattr(writing, "BATCH", 3)
    for _ in range(7):
        await _planned(outbox)
    assert await writes() == 7


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2024-04-01 09:30", "2024-04-01 10:00", "2024-04-01 20:00"),
        ("2024-04-01 14:30", "2024-04-01 14:30", "2024-04-01 20:00"),
        ("2024-03-31 22:00", "2024-04-01 10:00", "2024-04-01 20:00"),  # planned the evening before
    ],
)
async def test_a_message_may_leave_in_the_hours_of_its_day(
    outbox, salon, writes, now, opens, closes
):
    await _planned(outbox)
    await writes(now=salon.at(now))
    rows = await salon.execute("SELECT send_after, deadline FROM client_reactivation_history")
    assert rows == [(salon.at(opens), salon.at(closes))]


async def test_the_hours_are_the_companys_own_and_local(outbox, salon, writes, db):
    settings = ["send_from=11:30", "send_until=17:00", "timezone=Asia/Vladivostok"]
    salon.company = await companies.change(db, salon.company, settings)
    await _planned(outbox)
    await writes(now=salon.at("2024-04-01 08:00"))
    rows = await salon.execute("SELECT send_after, deadline FROM client_reactivation_history")
    assert rows == [(salon.at("2024-04-01 11:30"), salon.at("2024-04-01 17:00"))]


async def test_a_message_of_a_day_off_opens_after_its_deadline_and_never_leaves(
    outbox, salon, writes, db
):
    salon.company = await companies.change(db, salon.company, ["send_days=2,3,4,5,6"])
    await _planned(outbox)  # for a Monday
    await writes()
    rows = await salon.execute("SELECT send_after > deadline FROM client_reactivation_history")
    assert rows == [(True,)]


async def test_the_offer_of_the_band_is_told_and_stored(outbox, salon, writes, db):
    offers = ["offer.gentle=none", "offer.win_back=15%; до конца апреля"]
    salon.company = await companies.change(db, salon.company, offers)
    recent = await _planned(outbox, last_visit="2024-03-01")
    long_gone = await _planned(outbox, last_visit="2023-12-01")
    writer = Dictating()

    await writes(writer)

    assert [fact.offer and fact.offer.percent for fact in writer.facts] == [None, 15]
    assert (await outbox.row(recent))["offer"] is None
    offer = (await outbox.row(long_gone))["offer"]
    assert (offer["percent"], offer["terms"]) == (15, "до конца апреля")


async def test_a_writer_knows_no_phone_and_no_surname(outbox, salon, writes):
    client = await salon.client("Анна", surname="Кузнецова", gender="female")
    await _planned(outbox, client=client, last_service_name="Маникюр")
    writer = Dictating()
    await writes(writer)
    (fact,) = writer.facts
    assert (fact.client_name, fact.service_title, fact.gender) == ("Анна", "Маникюр", "female")
    assert "Кузнецова" not in repr(fact)
    assert "7999000" not in repr(fact)


async def test_a_client_never_gets_the_same_template_twice_over_the_attempts(outbox, salon, writes):
    client = await salon.client("Анна")
    for attempt, visit in ((1, "2024-02-20"), (2, "2024-02-20"), (3, "2024-02-20")):
        await _planned(
            outbox, client=client, attempt=attempt, last_visit=visit, last_service_name="Маникюр"
        )
        assert await writes(TemplateWriter()) == 1
        await salon.execute(
            "UPDATE client_reactivation_history SET state = 'accepted' WHERE state = 'written'"
        )
    rows = await salon.execute("SELECT message_template FROM client_reactivation_history")
    assert len(set(rows)) == 3


async def test_without_an_active_account_the_owner_is_told(outbox, writes):
    await _planned(outbox)
    await outbox.account(state="paused")
    with pytest.raises(UsageError, match="no active account"):
        await writes()
