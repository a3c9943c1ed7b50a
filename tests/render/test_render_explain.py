from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from test_render_report import SALON

from vernis.decide.account_words import REFUSED
from vernis.decide.plan import Verdict
from vernis.domain import Arm, Reason
from vernis.errors import Refusal
from vernis.render.consent import relied_on
from vernis.render.explain import lateness, show
from vernis.stages.explaining import (
    Attempt,
    Booked,
    ClientFacts,
    Expected,
    Explanation,
    Said,
    ServiceVisits,
    Visits,
)

MOMENT = datetime(2024, 3, 5, 11, tzinfo=UTC)
GIVEN = {"kind": "given", "source": "file", "on": "2023-04-30"}


def expected(**values):
    given = {
        "service_title": "Стрижка [мужская]",
        "staff_name": "Олег",
        "last_visit_on": date(2024, 1, 10),
        "interval_days": 40,
        "source": "personal",
        "confidence": 0.9,
        "evidence": {"visits": 6, "shortest": 30, "longest": 50},
        "opens_on": date(2024, 2, 9),
        "due_on": date(2024, 2, 19),
        "closes_on": date(2024, 3, 5),
        "days_late": 30,
        "returning_chance": 0.42,
        "falling_chance": 0.07,
        "told": {"ru": "Ждём через 30–55 дней.", "en": "Expected 30–55 days after the visit."},
    }
    return Expected(**given | values)


def explanation(**values):
    client = ClientFacts(
        client_id=17,
        external_key="KERT01",
        name="Мария",
        phone="+7 900 ***-**-67",
        phone_state="valid",
        consent="given",
        consent_source="file",
        consent_on=date(2023, 4, 30),
        blacklisted=False,
        declined_at=None,
        opted_out_at=MOMENT,
        erased_at=None,
    )
    visits = Visits(
        number=6,
        first_on=date(2023, 5, 1),
        last_on=date(2024, 1, 10),
        spent_minor=900_000,
        services=(ServiceVisits("Стрижка [мужская]", 6, date(2024, 1, 10)),),
    )
    given = {
        "company_id": 1,
        "currency": "RUB",
        "on": date(2024, 3, 20),
        "known_at": MOMENT,
        "client": client,
        "visits": visits,
        "expected": expected(),
        "lines": (),
        "today": Verdict(reason=Reason.NOT_DUE, next_on=date(2024, 4, 1)),
        "attempts": (),
        "said": (),
        "bookings": (),
    }
    return Explanation(**given | values)


@pytest.mark.parametrize(
    ("days", "words"), [(0, "that is this day"), (1, "1 day ago"), (-3, "3 days ahead")]
)
def test_the_day_is_set_against_the_due_date(days, words):
    assert lateness(days) == words


def test_everything_about_the_client_is_printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    attempt = Attempt(
        *(5, date(2024, 3, 5), "contact", "read", "lapsed", 1, "dormant_60", date(2024, 1, 10)),
        *(40, "personal", date(2024, 2, 19), "Мария, записать вас?", MOMENT, None, MOMENT),
        *(MOMENT, "positive", 9, MOMENT, date(2024, 3, 9), 150_000),
        *("soft", "ru-offer-3", None, "budget", "Мария, ждём вас. Записать?", None),
        *("front [desk]", "baileys", MOMENT, None, GIVEN),
    )
    show(
        explanation(
            attempts=(attempt,),
            said=(Said(MOMENT, "in", "Да [конечно]", "handled", "book"),),
            bookings=(
                Booked(
                    *(9, date(2024, 3, 9), MOMENT, "Стрижка", "Олег", "completed", 150_000),
                    *(MOMENT, "vernis"),
                ),
            ),
        ),
        SALON,
    )
    printed = capsys.readouterr().out
    for line in (
        "Мария  client 17, key KERT01",
        "+7 900 ***-**-67.  Consent: given (from an imported file, 30 Apr 2023).",
        "Asked not to be written to on 05 Mar 2024.",
        "the last on 10 Jan 2024, 70 days before.",
        "Стрижка [мужская]: 6 times",
        "due on 19 Feb 2024, 30 days ago.",
        "not_due (not due yet); next looked at on 01 Apr 2024.",
        "contact arm: read, lapsed (past the due window)",
        "05 Mar 2024 14:00  answered: positive",
        "came on 09 Mar 2024",
        "written by template ru-offer-3 (the requests of the minute or the day were used up),"
        " then edited by a person; variant soft",
        "before the edit: Мария, ждём вас. Записать?",
        "left over front [desk] (baileys)",
        "relied on the client's own consent, from an imported file, 30 Apr 2023",
        "Да [конечно]",
        "09 Mar 2024 14:00",
    ):
        assert line in printed


def test_a_client_of_whom_nothing_is_known_is_printed_too(capsys):
    nothing = Visits(number=0, first_on=None, last_on=None, spent_minor=0, services=())
    due = Verdict(reason=Reason.DUE, arm=Arm.CONTACT, attempt=1)
    show(explanation(visits=nothing, expected=None, today=due), SALON)
    printed = capsys.readouterr().out
    assert "None." in printed
    assert "attempt 1, contact arm" in printed


def unsent(state: str, reason: str, *sent: object) -> Attempt:
    """An attempt of which nothing came."""
    return Attempt(
        *(5, date(2024, 3, 5), "contact", state, reason, 1, "dormant_60", date(2024, 1, 10)),
        *(40, "personal", date(2024, 2, 19), "Мария, записать вас?", *[None] * 10),
        *("ru-offer-3", None, None, None, None),
        *sent,
    )


@pytest.mark.parametrize(
    ("attempt", "line"),
    [
        (
            unsent("written", "due", "desk", "cloud", None, None, None),
            "waits to leave over desk (cloud)\n",
        ),
        (
            unsent("written", "due", "desk", "waha", MOMENT, "rate_limited", GIVEN),
            "tried over desk (waha); the channel refused it: rate_limited (it was too fast)\n",
        ),
        (
            unsent("failed", "not_on_channel", "desk", "baileys", MOMENT, "not_on_channel", GIVEN),
            "the channel refused it: not_on_channel (this phone is not there)\n",
        ),
        (
            unsent("unknown", "due", "desk", "baileys", MOMENT, None, GIVEN),
            "may have left over desk (baileys)\n",
        ),
    ],
)
def test_each_attempt_says_what_it_left_by_or_why_it_did_not(capsys, monkeypatch, attempt, line):
    monkeypatch.setenv("COLUMNS", "160")
    show(explanation(attempts=(attempt,)), SALON)
    assert line in capsys.readouterr().out


def test_an_attempt_that_was_never_tried_names_no_account(capsys):
    show(
        explanation(attempts=(unsent("skipped", "opted_out", "desk", "waha", *[None] * 3),)), SALON
    )
    assert "desk" not in capsys.readouterr().out


def test_every_refusal_has_words():
    assert set(REFUSED) == set(Refusal)


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (GIVEN | {"source": "unstated", "on": None}, "own consent, of which no source is kept"),
        (
            {"kind": "basis", "source": "анкета", "on": "2022-10-01"},
            "what the company says of all clients, «анкета», 01 Oct 2022",
        ),
        (
            {"kind": "soft_opt_in", "source": "PECR reg. 22", "on": "2024-01-10"},
            "a visit, after which PECR reg. 22 allows it, 10 Jan 2024",
        ),
        (
            {"kind": "not_required", "source": "consent_required=no", "on": None},
            "the company's word that it needs no consent (consent_required=no)",
        ),
    ],
)
def test_what_a_message_relied_on_is_said(evidence, words):
    assert relied_on(evidence).endswith(words)


def test_where_nothing_is_known_of_the_client_the_company_s_word_is_shown(capsys):
    found = explanation()
    client = replace(found.client, consent="unknown", consent_source=None, consent_on=None)
    agreed = replace(SALON, consent_basis="анкета [бумажная]", consent_basis_on=date(2022, 10, 1))
    for company, words in (
        (SALON, "Consent: unknown."),
        (agreed, "unknown; the company says of all clients: «анкета [бумажная]», 01 Oct 2022."),
    ):
        show(replace(found, client=client), company)
        assert words in " ".join(capsys.readouterr().out.split())
