"""Messages by a language model, over real HTTP, and by template wherever it misbehaves."""

import json
import logging
import re
import time
from dataclasses import replace

import pytest
from clients import NAMES, clients, salon
from fake_models import Asked, Fails, FakeGemini, FakeModel, FakeOpenAI, Reply, Says
from obedient import MISBEHAVIOUR, as_json, obedient, texts
from wiring import MakeWriter

from vernis.decide.writing import message
from vernis.decide.writing.prompt import prompt_for
from vernis.domain import Address, Company, Draft, Gender, Locale, MessageFacts

HARMLESS = {
    "obedient",
    "preamble before the JSON",
    "fenced JSON",
    "preamble at first",
    "invented discount at first",
    "several lines",
    "an item too many",
}
FAKES: list[type[FakeModel]] = [FakeGemini, FakeOpenAI]


def assert_all_pass(drafts: list[Draft], facts: list[MessageFacts]) -> None:
    assert len(drafts) == len(facts)
    for draft, one in zip(drafts, facts, strict=True):
        assert message.problems(draft.text, one) == []
        assert (draft.model is None) != (draft.template is None)
        assert (draft.fallback is None) == (draft.template is None)


@pytest.mark.parametrize(
    ("locale", "address"),
    [(Locale.RU, Address.VY), (Locale.RU, Address.TY), (Locale.EN, Address.VY)],
)
@pytest.mark.parametrize("kind", FAKES)
async def test_a_model_that_keeps_the_rules_writes_everything(
    make_writer: MakeWriter,
    company: Company,
    kind: type[FakeModel],
    locale: Locale,
    address: Address,
):
    facts = clients(30, locale, address)
    async with kind(script=obedient) as fake:
        drafts = await make_writer(fake).write(salon(company, locale, address), facts)

    assert_all_pass(drafts, facts)
    assert [draft.model for draft in drafts] == ["flash-test"] * 30


async def test_a_hundred_clients_take_five_requests_side_by_side_within_the_default_budget(
    make_writer: MakeWriter, company: Company
):
    facts = clients(100)
    async with FakeGemini(script=obedient, delay=0.3) as fake:
        drafts = await make_writer(fake, requests_per_minute=15).write(salon(company), facts)

        assert len(fake.asked) == 5
        assert fake.most_at_once == 5
    assert_all_pass(drafts, facts)
    assert all(draft.model for draft in drafts)


async def test_a_hundred_bad_texts_take_ten_requests_repairs_included(
    make_writer: MakeWriter, company: Company
):
    facts = clients(100)
    async with FakeGemini(script=MISBEHAVIOUR["no question"]) as fake:
        drafts = await make_writer(fake, requests_per_minute=15).write(salon(company), facts)

        assert len(fake.asked) == 10
    assert_all_pass(drafts, facts)
    assert {draft.fallback for draft in drafts} == {"question"}


# --- misbehaviour -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", MISBEHAVIOUR)
async def test_whatever_a_model_answers_what_goes_out_passes_every_check(
    make_writer: MakeWriter, company: Company, how: str
):
    facts = clients(9)
    kind = FAKES[len(how) % 2]
    patience = 0.6 if how == "hanging" else 30  # a busy machine is no misbehaviour
    async with kind(script=MISBEHAVIOUR[how]) as fake:
        drafts = await make_writer(fake, timeout_seconds=patience).write(salon(company), facts)

    assert_all_pass(drafts, facts)
    if how in HARMLESS:
        assert all(draft.model for draft in drafts)


async def test_a_bad_item_falls_back_alone(make_writer: MakeWriter, company: Company):
    facts = clients(10)

    def script(asked: Asked) -> Reply:
        rows = [{"id": id_, "text": text} for id_, text in texts(asked).items()]
        rows[0]["text"] = "Скидка 50%!"
        return Says(words=json.dumps({"messages": rows}))

    async with FakeGemini(script=script) as fake:
        drafts = await make_writer(fake).write(salon(company), facts)

        assert [len(asked.clients) for asked in fake.asked] == [10, 1]
    assert_all_pass(drafts, facts)
    assert [draft.model is None for draft in drafts] == [True] + [False] * 9
    assert "offer_invented" in (drafts[0].fallback or "")


async def test_what_failed_is_repaired_together_once_and_told_what_to_change(
    make_writer: MakeWriter, company: Company
):
    facts = clients(12)

    def script(asked: Asked) -> Reply:
        written = texts(asked)
        if not any("fix" in client for client in asked.clients):
            for id_ in list(written)[::3]:
                written[id_] = written[id_].replace("?", ".")
        return Says(words=as_json(written))

    async with FakeGemini(script=script) as fake:
        drafts = await make_writer(fake).write(salon(company), facts)

        first, repair = fake.asked
    assert len(first.clients) == 12
    assert len(repair.clients) == 4
    assert all("вопрос" in client["fix"][0] for client in repair.clients)
    assert all(client["rejected"].endswith(".") for client in repair.clients)
    assert_all_pass(drafts, facts)
    assert all(draft.model for draft in drafts)


async def test_a_client_that_the_model_left_out_is_asked_for_again(
    make_writer: MakeWriter, company: Company
):
    def script(asked: Asked) -> Reply:
        written = texts(asked)
        if len(asked.clients) == 5:
            written.popitem()
        return Says(words=as_json(written))

    facts = clients(5)
    async with FakeGemini(script=script) as fake:
        drafts = await make_writer(fake).write(salon(company), facts)

        assert [len(asked.clients) for asked in fake.asked] == [5, 1]
    assert all(draft.model for draft in drafts)


# --- the order of models -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["500", "nothing", "quota exhausted", "hanging", "another JSON"])
async def test_the_next_model_writes_where_the_first_cannot(
    make_writer: MakeWriter, company: Company, how: str
):
    facts = clients(6)
    async with FakeGemini(script=MISBEHAVIOUR[how]) as first, FakeOpenAI(script=obedient) as second:
        drafts = await make_writer(first, second, timeout_seconds=0.6).write(salon(company), facts)

        assert first.asked
        assert len(second.asked) == 1
    assert_all_pass(drafts, facts)
    assert all(draft.model for draft in drafts)


async def test_the_next_models_budget_is_used_where_the_firsts_is_not_enough(
    make_writer: MakeWriter, company: Company
):
    facts = clients(100)
    async with (
        FakeGemini(script=obedient) as first,
        FakeOpenAI(script=obedient, key="another-key") as second,
    ):
        drafts = await make_writer(first, second, requests_per_minute=3).write(
            salon(company), facts
        )

        assert (len(first.asked), len(second.asked)) == (3, 2)
    assert all(draft.model for draft in drafts)


async def test_two_models_of_one_key_share_its_budget(make_writer: MakeWriter, company: Company):
    facts = clients(100)
    async with FakeGemini(script=obedient) as first, FakeOpenAI(script=obedient) as second:
        drafts = await make_writer(first, second, requests_per_minute=3).write(
            salon(company), facts
        )

        assert len(first.asked) + len(second.asked) == 3
    assert [draft.fallback for draft in drafts].count("budget") == 40


async def test_a_run_does_not_wait_for_the_minute_to_pass(
    make_writer: MakeWriter, company: Company
):
    facts = clients(100)
    async with FakeGemini(script=obedient) as fake:
        started = time.monotonic()
        drafts = await make_writer(fake, requests_per_minute=2).write(salon(company), facts)

        assert time.monotonic() - started < 30
        assert len(fake.asked) == 2
    assert_all_pass(drafts, facts)
    assert [draft.fallback for draft in drafts].count("budget") == 60


async def test_a_short_retry_after_is_waited_for(make_writer: MakeWriter, company: Company):
    def script(asked: Asked) -> Reply:
        return Fails(how="rate_limit", retry_after=1) if len(fake.asked) < 2 else obedient(asked)

    for kind in FAKES:
        async with kind(script=script) as fake:
            drafts = await make_writer(fake).write(salon(company), clients(4))

            first, second = fake.asked
            assert second.at - first.at >= 1
            assert all(draft.model for draft in drafts)


async def test_a_long_retry_after_is_left_to_templates_and_honoured_by_the_next_run(
    make_writer: MakeWriter, company: Company
):
    script = MISBEHAVIOUR["429 with Retry-After"]
    async with FakeGemini(script=script) as fake:
        writer = make_writer(fake)
        for _ in range(2):
            drafts = await writer.write(salon(company), clients(4))

            assert {draft.fallback for draft in drafts} == {"unavailable"}
        assert len(fake.asked) == 1


async def test_where_the_budget_cannot_be_kept_templates_write(
    make_writer: MakeWriter, company: Company
):
    nobody = replace(salon(company), company_id=999)  # the database refuses to keep its money
    async with FakeGemini(script=obedient) as fake:
        drafts = await make_writer(fake).write(nobody, clients(4))

        assert fake.asked == []
    assert {draft.fallback for draft in drafts} == {"unavailable"}


# --- privacy ---------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["native", "tool", "prompted"])
@pytest.mark.parametrize("kind", FAKES)
async def test_exactly_the_shown_prompt_is_sent_and_nothing_that_identifies_anybody(
    make_writer: MakeWriter, company: Company, kind: type[FakeModel], output: str
):
    facts = [
        replace(one, client_name=f"{name} Зелёнкин 79990000001", seed=777_000 + n)
        for n, (one, name) in enumerate(zip(clients(12), ["Анна", "Пётр"] * 6, strict=True))
    ]
    async with kind(script=obedient) as fake:
        drafts = await make_writer(fake, output=output).write(salon(company), facts)

        (asked,) = fake.asked
    shown = prompt_for(facts, salon(company))
    assert (asked.system, asked.user) == (shown.system, shown.user)
    sent = json.dumps(asked.body, ensure_ascii=False)
    assert not re.search(r"Анн|Пётр|Петр|Зелёнкин|7999|777", sent)
    assert all(draft.model for draft in drafts)


async def test_the_name_is_filled_in_here_once_and_only_where_it_can_be_said(
    make_writer: MakeWriter, company: Company
):
    facts = clients(len(NAMES[Locale.RU]))
    async with FakeGemini(script=obedient) as fake:
        drafts = await make_writer(fake).write(salon(company), facts)

        told = [client["name"] for client in fake.asked[0].clients]
    greeted = [draft.text.split(",")[0] for draft in drafts]
    assert told[0] == "{имя}"
    assert greeted[0] == "Анна"
    for (name, _), placeholder in zip(NAMES[Locale.RU], told, strict=True):
        if name in {None, "Не звонить", "Клиент 123", "???", "79990000001"}:
            assert placeholder is None


async def test_the_gender_is_told_and_no_name_goes_with_it(
    make_writer: MakeWriter, company: Company
):
    facts = [replace(clients(1)[0], gender=gender) for gender in (*Gender, None)]
    async with FakeGemini(script=obedient) as fake:
        await make_writer(fake).write(salon(company), facts)

        assert [c["gender"] for c in fake.asked[0].clients] == ["женский", "мужской", "женский"]


async def test_no_log_line_holds_a_prompt_or_a_text(
    make_writer: MakeWriter, company: Company, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    scripts = [obedient, *(MISBEHAVIOUR[h] for h in ("500", "broken JSON", "rejected", "nothing"))]
    for kind in FAKES:
        for script in scripts:
            async with kind(script=script) as fake:
                await make_writer(fake).write(salon(company), clients(3))

    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert "model flash-test" in lines
    assert not re.search("Лён|здравствуйте|Анна|администратор|right-key", lines)
