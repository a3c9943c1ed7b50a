"""What a company can set: fields in an owner's words, rules beside them, nothing typed is lost."""

import json
import re
from html import unescape

import pytest
from visitors import Site, Visitor, barriers, overflow

from vernis.decide.settings.company import shown
from vernis.domain import Band, Locale, Tone
from vernis.stages import auditing, companies
from vernis.stages.members import Role
from vernis.web.pages import settings_typed
from vernis.web.pages.catalog import texts
from vernis.web.pages.settings_fields import SETTINGS, WEEKDAYS


def fields_of(html: str) -> dict[str, str | list[str]]:
    """What a browser would send of the form as it stands."""
    form = html.split('id="company-settings"')[1].split("</form>", maxsplit=1)[0]
    sent: dict[str, str | list[str]] = {}
    for _tag, attributes in re.findall(r"<(input)\s([^>]*)>", form):
        name = re.search(r'name="([^"]*)"', attributes)
        value = re.search(r'value="([^"]*)"', attributes)
        if name is None or ("checkbox" in attributes and "checked" not in attributes):
            continue
        text = unescape(value[1]) if value else ""
        if name[1] == "send_days":
            sent.setdefault(name[1], []).append(text)
        else:
            sent[name[1]] = text
    for name, options in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        sent[name] = unescape(re.search(r'value="([^"]*)" selected', options)[1])
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        sent[name] = unescape(text)
    sent.pop("csrf")
    return sent


def _inside(tag: str, form: str) -> list[tuple[str, str]]:
    return re.findall(rf'<{tag}[^>]*name="([^"]*)"[^>]*>(.*?)</{tag}>', form, re.DOTALL)


async def save(visitor: Visitor, status: int = 303, **changes):
    """Change these fields on the page as it is, and press the button."""
    sent = fields_of(await visitor.get(f"{visitor.here}/settings"))
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    sent |= {key: value for key, value in keys.items() if value is not None}
    for key in (key for key, value in keys.items() if value is None):
        sent.pop(key, None)
    return await visitor.post(f"{visitor.here}/settings", status=status, **sent)


async def reread(visitor: Visitor, app):
    return await companies.get(app.db, visitor.company.company_id)


def test_everything_that_can_be_set_stands_on_the_page(company):
    keys = {key for key in shown(company) if not key.startswith("variant")}
    assert keys == set(SETTINGS)


@pytest.mark.parametrize("locale", list(Locale))
def test_what_is_shown_and_left_alone_changes_nothing(company, locale):
    typed = settings_typed.shown(company, locale)
    assert settings_typed.wishes(company, typed, typed) == ([], {})
    # also where the page had shown nothing of it before
    _wanted, faults = settings_typed.wishes(company, typed, {})
    assert faults == {}


async def test_the_page_shows_what_holds_and_saves_what_is_changed(owner: Visitor, app, company):
    answer = await save(
        owner,
        daily_cap="35",
        send_days=["1", "3"],
        banned_words="Дёшево, акция",
        days_off="31.12.2026\n02.01.2027 – 04.01.2027",
        offer__win_back="10%; 14 дней",
        fact__address="Тверская, 1",
        fact__cards="yes",
        model_limit_usd="2,50",
        public_holidays=None,
        consent_basis="анкета при первом визите",
        tone="brief",
    )
    assert answer.headers["location"] == f"{owner.here}/settings?done=saved"
    new = await reread(owner, app)
    assert (new.daily_cap, new.send_days, new.tone) == (35, (1, 3), Tone.BRIEF)
    assert new.banned_words == ("дёшево", "акция")
    assert [day.isoformat() for day in new.days_off] == [
        "2026-12-31", "2027-01-02", "2027-01-03", "2027-01-04",
    ]  # fmt: skip
    assert (new.offers[Band.WIN_BACK].percent, new.facts["cards"]) == (10, "yes")
    assert (new.model_limit_minor, new.public_holidays) == (250, False)
    assert new.consent_basis == "анкета при первом визите"
    again = await owner.get(f"{owner.here}/settings")
    assert "31.12.2026\n02.01.2027–04.01.2027" in again
    assert "дёшево, акция" in again
    await save(owner)
    assert await reread(owner, app) == new


async def test_who_changed_what_is_written_down(owner: Visitor, app, company):
    await save(owner, daily_cap="35", holdout_percent="20")
    (entry, *_) = await auditing.listed(app.db, company)
    assert (entry.action, entry.login) == ("settings.changed", "person1@example.com")
    assert entry.details == {
        "daily_cap": [str(company.daily_cap), "35"],
        "holdout_percent": [str(company.holdout_percent), "20"],
    }


WRONG = [
    ("name", "  "), ("name", "я" * 81), ("timezone", "Moon/Base"), ("daily_cap", "много"),
    ("daily_cap", "10001"), ("send_from", "25:00"), ("plan_at", "утром"), ("max_attempts", "0"),
    ("cooldown_days", "-1"), ("gone_too_long_days", "29"), ("holdout_percent", "51"),
    ("attribution_days", "61"), ("days_off", "завтра"), ("days_off", "31.02.2027"),
    ("consent_basis", "да"), ("consent_basis_on", "вчера"), ("tone", "rude"),
    ("banned_words", "!!!"), ("offer.offer", "150%"), ("fact.address", "я" * 301),
    ("model_limit_usd", "дорого"), ("silence_minutes", "1e3"), ("assistant", "nobody"),
]  # fmt: skip


@pytest.mark.parametrize("locale", list(Locale))
async def test_what_is_wrong_is_explained_beside_its_field_and_nothing_is_lost(
    site: Site, app, company, locale
):
    visitor = await site.visitor(company, locale=locale)
    for key, typed in dict(WRONG).items():
        answer = await save(visitor, 422, **{key: typed, "fact.parking": "во дворе"})
        rule = texts(locale).gettext(SETTINGS[key].rule).replace("%%", "%")
        hint = re.search(rf'id="{re.escape(key)}-hint"[^>]*>([^<]*)<', answer.text)
        assert hint, key
        assert unescape(hint[1]) == rule
        assert "во дворе" in answer.text
        if key not in {"tone", "timezone", "assistant"}:  # there only what can be chosen is sent
            assert typed.strip() in unescape(answer.text)
    assert await reread(visitor, app) == company


@pytest.mark.parametrize(("key", "typed"), WRONG)
def test_every_rule_is_kept(company, key, typed):
    before = settings_typed.shown(company, Locale.RU)
    _, faults = settings_typed.wishes(company, before | {key: typed.strip()}, before)
    assert set(faults) == {key}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [({"send_from": "20:00", "send_until": "10:00"}, "send_until"),
     ({"send_from": "02:00", "send_until": "03:00"}, "send_until"),
     ({"consent_basis": "", "consent_basis_on": "2024-01-01"}, "consent_basis_on"),
     ({"send_days": None}, "send_days"),
     ({"variants": "один"}, "variants")],
)  # fmt: skip
async def test_fields_that_contradict_each_other_are_told_of(owner, app, company, changes, wrong):
    answer = await save(owner, 422, **changes)
    assert f'href="#{wrong}"' in answer.text
    assert await reread(owner, app) == company


async def test_variants_are_named_then_set_one_by_one(owner: Visitor, app):
    await save(owner, variants="тёплый, короткий: 2")
    await save(owner, **{"variant.короткий.tone": "brief", "variant.короткий.offers": "own",
                         "variant.короткий.offer.win_back": "15%"})  # fmt: skip
    warm, brief = (await reread(owner, app)).variants
    assert (warm.name, warm.tone, warm.offers) == ("тёплый", None, None)
    assert (brief.weight, brief.tone, brief.offers[Band.WIN_BACK].percent) == (2, Tone.BRIEF, 15)
    await save(owner, **{"variant.короткий.offers": "none"})
    assert (await reread(owner, app)).variants[1].offers == {}
    wrong = await save(owner, 422, **{"variant.тёплый.offers": "own",
                                      "variant.тёплый.offer.offer": "200%"})  # fmt: skip
    assert 'aria-invalid="true"' in wrong.text
    await save(owner, variants="")
    assert (await reread(owner, app)).variants == ()


async def test_two_owners_at_once_do_not_undo_each_other(site: Site, owner: Visitor, app, company):
    sent = fields_of(await owner.get(f"{owner.here}/settings"))
    other = await site.visitor(company)
    await save(other, daily_cap="50")
    await owner.post(f"{owner.here}/settings", **sent | {"cooldown_days": "14"})
    new = await reread(owner, app)
    assert (new.daily_cap, new.cooldown_days) == (50, 14)


@pytest.mark.parametrize("was", ["", "[]", "no json", json.dumps({"daily_cap": 5, "x": "y"})])
async def test_a_form_that_says_nothing_of_before_still_saves(owner: Visitor, app, was):
    await save(owner, daily_cap="41", was=was)
    assert (await reread(owner, app)).daily_cap == 41


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
async def test_the_others_read_and_do_not_change(site: Site, company, app, role):
    visitor = await site.visitor(company, role)
    html = await visitor.get(f"{visitor.here}/settings")
    assert "Менять их может только владелец" in html
    assert "company-settings" not in html
    await visitor.post(f"{visitor.here}/settings", status=403, daily_cap="1")
    assert await reread(visitor, app) == company


async def test_what_is_typed_is_shown_as_text(owner: Visitor):
    payload = "<script>alert(1)</script>\"'"
    answer = await save(owner, 422, fact__address=payload, daily_cap="x")
    assert payload not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_the_settings_fit_a_phone_and_keep_nobody_out(site: Site, browser, company, axe):
    tab = await site.page(company, width=375, dark=True)
    await tab.goto(f"/c/{company.company_id}/settings")
    assert await overflow(tab) == 0
    assert await barriers(tab, axe) == []
    await tab.get_by_label("Сообщений в день, не больше").fill("0,5")
    await tab.get_by_role("button", name="Сохранить").click()
    await tab.wait_for_selector('[role="alert"]')
    assert await tab.get_by_label("Сообщений в день, не больше").input_value() == "0,5"
    assert await barriers(tab, axe) == []
    assert WEEKDAYS[0] == "Mon"
