"""Two of a salon's first steps: how its clients agreed, and what is written to them when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide.consent import Kind as Consent
from vernis.decide.policies import policy_of
from vernis.decide.settings import company as settings
from vernis.domain import (
    Address,
    Band,
    Company,
    Gender,
    Locale,
    MessageFacts,
    Tone,
)
from vernis.errors import UsageError
from vernis.stages import companies, starting
from vernis.web.pages import start_steps
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner

router = APIRouter(include_in_schema=False, dependencies=[Depends(forms.check)])
Text = Annotated[str, Form(max_length=300)]

CHOOSE = N_("Choose one.")
SAY_HOW = N_("Say how they agreed, in 3 to 200 letters.")
NOT_A_DAY = N_("This is not a date.")

# How clients agreed, as it is kept with each message.
WAYS: Mapping[str, str] = {
    "form": N_("a form signed at the first visit"),
    "online": N_("a tick box when booking online"),
    "contract": N_("a contract with a separate consent"),
}
FIELD_FAULTS: Mapping[str, str] = {
    "send_from": N_("A time like 10:00, earlier than the end."),
    "send_until": N_("A time like 20:00, later than the beginning."),
    "send_days": N_("At least one day."),
    "daily_cap": N_("A whole number from 0 to 10,000."),
    "tone": CHOOSE,
    "address": CHOOSE,
    "offer.gentle": N_("A percentage like 10%%, an amount like 500, or a gift in words."),
    "offer.offer": N_("A percentage like 10%%, an amount like 500, or a gift in words."),
    "offer.win_back": N_("A percentage like 10%%, an amount like 500, or a gift in words."),
}
HOURS_CLOSED = N_("Nobody in this country may be written to in these hours: give others.")
TONES: Mapping[str, str] = {Tone.WARM: N_("Warm"), Tone.BRIEF: N_("Brief")}
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


# --- consent --------------------------------------------------------------------------------------


@router.get("/c/{company_id}/start/consent")
async def consent(request: Request, viewer: Owner) -> Response:
    return _over(viewer) or await _consent(request, viewer, _way(viewer.company))


@router.post("/c/{company_id}/start/consent")
async def say_consent(
    request: Request, viewer: Owner, way: Text = "", words: Text = "", since: Text = ""
) -> Response:
    """How the salon's clients agreed to messages, where nothing better is known of one."""
    if over := _over(viewer):
        return over
    company, words = viewer.company, " ".join(words.split())
    policy = policy_of(company.country)
    typed = {"way": way, "words": words, "since": since}
    faults: dict[str, str] = {}
    basis = say(viewer.locale, WAYS[way]) if way in WAYS else words if way == "other" else None
    soft = way == Consent.SOFT_OPT_IN and policy.soft_opt_in_days is not None
    if basis is None and not soft and way != "none":
        faults["way"] = CHOOSE
    elif way == "other" and not (3 <= len(words) <= 200 and any(c.isalpha() for c in words)):
        faults["words"] = SAY_HOW
    elif since and basis and _day(since) is None:
        faults["since"] = NOT_A_DAY
    if faults:
        return await _consent(request, viewer, typed, faults)
    changes = [f"consent_basis={basis or 'none'}"]
    if basis and since:
        changes.append(f"consent_basis_on={since}")
    if policy.soft_opt_in_days is not None:
        changes.append(f"consent_required={'no' if soft else 'yes'}")
    await _change(viewer, changes, step="consent")
    return _to(f"{viewer.here}/start/rules")


async def _consent(
    request: Request, viewer: Member, typed: Mapping[str, str], faults: Mapping[str, str] = {}
) -> HTMLResponse:
    policy = policy_of(viewer.company.country)
    known = await starting.standing(viewer.app.db, viewer.company)
    return page(
        request,
        "start/consent.html",
        viewer,
        status=422 if faults else 200,
        steps=await start_steps.of(viewer, "consent", known),
        ways=WAYS,
        typed=typed,
        faults=faults,
        policy=policy,
        standing=known,
    )


def _way(company: Company) -> dict[str, str]:
    """What was said before, as the form has it."""
    basis, since = company.consent_basis, company.consent_basis_on
    by_words = {say(one, words): way for way, words in WAYS.items() for one in Locale}
    soft = policy_of(company.country).soft_opt_in_days is not None
    way = by_words.get(basis or "", "other" if basis else "")
    if not way and soft and not company.consent_required:
        way = Consent.SOFT_OPT_IN
    return {
        "way": way,
        "words": basis or "" if way == "other" else "",
        "since": since.isoformat() if since else "",
    }


# --- what is written when -------------------------------------------------------------------------


@router.get("/c/{company_id}/start/rules")
async def rules(request: Request, viewer: Owner) -> Response:
    return _over(viewer) or await _rules(request, viewer, _typed(viewer.company))


@router.post("/c/{company_id}/start/rules")
async def set_rules(request: Request, viewer: Owner) -> Response:
    """Hours, days, how many, in which voice, with which offers."""
    if over := _over(viewer):
        return over
    form = await request.form()
    typed = {key: str(form.get(key) or "").strip()[:300] for key in FIELD_FAULTS}
    days = [day for day in form.getlist("send_days") if day in set("1234567")]
    typed["send_days"] = ",".join(str(day) for day in sorted(set(map(str, days))))
    if viewer.company.locale is not Locale.RU:
        typed["address"] = viewer.company.address.value
    faults: dict[str, str] = {}
    for key, text in typed.items():
        try:
            settings.changed(viewer.company, [f"{key}={text}"])
        except UsageError:
            if key not in {"send_from", "send_until"} or not _is_clock(text):
                faults[key] = FIELD_FAULTS[key]
    if not faults:
        try:
            await _change(viewer, [f"{key}={text}" for key, text in typed.items()], step="rules")
        except UsageError:
            late = typed["send_from"] >= typed["send_until"]
            faults["send_until"] = FIELD_FAULTS["send_until"] if late else HOURS_CLOSED
    if faults:
        return await _rules(request, viewer, typed, faults)
    return _to(f"{viewer.here}/start/look")


async def _rules(
    request: Request, viewer: Member, typed: Mapping[str, str], faults: Mapping[str, str] = {}
) -> HTMLResponse:
    return page(
        request,
        "start/rules.html",
        viewer,
        status=422 if faults else 200,
        steps=await start_steps.of(viewer, "rules"),
        typed=typed,
        faults=faults,
        tones=TONES,
        examples=await _examples(viewer.company, typed["address"]),
        weekdays=WEEKDAYS,
        bands=Band,
    )


def _typed(company: Company) -> dict[str, str]:
    shown = settings.shown(company)
    return {key: "" if shown[key] == "none" else shown[key] for key in FIELD_FAULTS}


def _is_clock(text: str) -> bool:
    try:
        return f"{datetime.strptime(text, '%H:%M'):%H:%M}" == text  # noqa: DTZ007 (a time alone)
    except ValueError:
        return False


async def _examples(company: Company, address: str) -> dict[str, str]:
    """A message in each tone, to somebody who does not exist."""
    from vernis.adapters.writer_templates import TemplateWriter

    is_russian = company.locale is Locale.RU
    facts = MessageFacts(
        locale=company.locale,
        band=Band.GENTLE,
        company_name=company.name,
        client_name="Анна" if is_russian else "Anna",
        gender=Gender.FEMALE,
        address=Address(address) if address in set(Address) else company.address,
        service_title="Стрижка" if is_russian else "Haircut",
        inactive_days=40,
    )
    drafts = await TemplateWriter().write(company, [replace(facts, tone=tone) for tone in Tone])
    return {tone.value: draft.text for tone, draft in zip(Tone, drafts, strict=True)}


# --- what they share ------------------------------------------------------------------------------


async def _change(viewer: Member, assignments: list[str], *, step: str) -> None:
    app = viewer.app
    await companies.change(app.db, viewer.company, assignments, now=viewer.now, who=viewer.who)
    await starting.note_step(app.db, viewer.company, step, who=viewer.who, now=viewer.now)


def _over(viewer: Member) -> Response | None:
    """The first steps are over: what they set is in the settings now."""
    return _to(f"{viewer.here}/") if viewer.company.started_at is not None else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _to(place: str) -> RedirectResponse:
    return RedirectResponse(place, status_code=303)
