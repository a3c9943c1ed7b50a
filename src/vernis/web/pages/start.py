"""The first steps of a salon, one decision a page: where it is, its clients, their consent, what
is written when, a look at the first messages, and the start."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide.consent import Kind as Consent
from vernis.decide.plan import CONTACTED
from vernis.decide.policies import policy_of
from vernis.decide.settings import company as settings
from vernis.domain import (
    Address,
    Band,
    Company,
    Gender,
    Locale,
    MessageFacts,
    Reason,
    Tone,
)
from vernis.errors import ConflictError, UsageError
from vernis.stages import accounts, companies, intervals, planning, samples, starting
from vernis.stages.starting import Place, Standing
from vernis.web.errors import Problem
from vernis.web.pages import places, start_steps
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page, say
from vernis.web.security import forms
from vernis.web.security.viewer import AnyViewer, Member, Owner, Viewer

router = APIRouter(include_in_schema=False, dependencies=[Depends(forms.check)])
Text = Annotated[str, Form(max_length=300)]

SHOWN = 10  # messages of the dry run
NO_NAME = N_("A salon needs a name of up to 80 letters.")
SETTLED = N_("Country and currency stay as they are now that clients were read.")
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


# --- where it is ----------------------------------------------------------------------------------


@router.get("/start")
async def start(request: Request, viewer: AnyViewer) -> HTMLResponse:
    _require_opener(viewer)
    return await _about(request, viewer, _guessed(request, viewer))


@router.get("/start/zones")
async def zones(
    request: Request, viewer: AnyViewer, country: str = "", timezone: str = ""
) -> HTMLResponse:
    """The time zones of a country, to choose from."""
    listed = places.zones(country, viewer.locale, now=viewer.app.clock())
    return page(request, "start/zones.html", viewer, zones=listed, timezone=timezone)


@router.post("/start")
async def create(
    request: Request,
    viewer: AnyViewer,
    name: Text = "",
    country: Text = "",
    timezone: Text = "",
    currency: Text = "",
    locale: Text = "",
) -> Response:
    """A salon that plans and sends nothing yet; whoever makes it owns it."""
    _require_opener(viewer)
    place = _place(name, country, timezone, currency, locale)
    if fault := _fault_of(place):
        return await _about(request, viewer, place, fault=fault)
    company = await starting.create(viewer.app.db, place, viewer.user, now=viewer.app.clock())
    return _to(f"/c/{company.company_id}/data")


@router.get("/c/{company_id}/start")
async def resume(viewer: Owner) -> Response:
    """Where somebody stopped, in whatever browser."""
    if viewer.company.started_at is not None:
        return _to(f"{viewer.here}/")
    known = await starting.standing(viewer.app.db, viewer.company)
    return _to(start_steps.next_of(viewer.here, known))


@router.get("/c/{company_id}/start/about")
async def about(request: Request, viewer: Owner) -> Response:
    return _over(viewer) or await _about(request, viewer, start_steps.place_of(viewer.company))


@router.post("/c/{company_id}/start/about")
async def describe(
    request: Request,
    viewer: Owner,
    name: Text = "",
    country: Text = "",
    timezone: Text = "",
    currency: Text = "",
    locale: Text = "",
) -> Response:
    if over := _over(viewer):
        return over
    place = _place(name, country, timezone, currency, locale)
    fault = _fault_of(place)
    try:
        if fault is None:
            app = viewer.app
            await starting.describe(app.db, viewer.company, place, who=viewer.who, now=viewer.now)
    except ConflictError:
        fault = SETTLED
    if fault is not None:
        return await _about(request, viewer, place, fault=fault)
    return _to(f"{viewer.here}/data")


async def _about(
    request: Request, viewer: Viewer, place: Place, *, fault: str | None = None
) -> HTMLResponse:
    salon = viewer if isinstance(viewer, Member) else None
    is_new = salon is None
    return page(
        request,
        "start/about.html",
        viewer,
        status=422 if fault else 200,
        fault=say(viewer.locale, fault) if fault else None,
        action=f"{salon.here}/start/about" if salon else "/start",
        steps=await start_steps.of(salon, "about") if salon else start_steps.first(),
        place=place,
        is_new=is_new,
        countries=places.countries(viewer.locale),
        zones=places.zones(place.country, viewer.locale, now=viewer.app.clock()),
        timezone=place.timezone,
        currencies=places.CURRENCIES,
        usual=places.usual_currency(place.country),
        country_of_zone=places.country_of_zone() if is_new else {},
        unfinished=await starting.unfinished(viewer.app.db, viewer.user) if is_new else {},
    )


def _guessed(request: Request, viewer: Viewer) -> Place:
    """What the browser's languages say; its time zone says more, where it runs our script."""
    country = places.country_of(request.headers.get("accept-language", ""), viewer.locale)
    return _place("", country, "", "", "")


def _place(name: str, country: str, timezone: str, currency: str, locale: str) -> Place:
    """What was typed, with what follows from the country where nothing fits it."""
    country = country.upper() if places.is_country(country.upper()) else "RU"
    listed = places.zones_of(country)
    usual, usual_currency = places.usual_zone(country), places.usual_currency(country)
    return Place(
        name=" ".join(name.split()),
        country=country,
        timezone=timezone if timezone in listed else usual,
        currency=currency if currency in places.CURRENCIES else usual_currency,
        locale=Locale(locale) if locale in set(Locale) else settings.default_locale(country),
    )


def _fault_of(place: Place) -> str | None:
    is_name = 0 < len(place.name) <= 80 and any(c.isalnum() for c in place.name)
    return None if is_name and place.name.isprintable() else NO_NAME


def _require_opener(viewer: Viewer) -> None:
    if not viewer.user.opens_companies:
        raise Problem(403, "not_allowed", N_("Only whoever set Vernis up may add salons."))


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
    return page(
        request,
        "start/consent.html",
        viewer,
        status=422 if faults else 200,
        steps=await start_steps.of(viewer, "consent"),
        ways=WAYS,
        typed=typed,
        faults=faults,
        policy=policy,
        standing=await starting.standing(viewer.app.db, viewer.company),
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


# --- a look, and the start ------------------------------------------------------------------------


@router.get("/c/{company_id}/start/look")
async def look(request: Request, viewer: Owner) -> Response:
    """The next plan as it would be, with its first messages. Nothing is stored or sent."""
    if over := _over(viewer):
        return over
    known = await starting.standing(viewer.app.db, viewer.company)
    if not known.has_data and not known.has_crm:
        return _to(f"{viewer.here}/data")
    shown = await _dry_run(viewer, known)
    # a language model takes its time: the page comes first
    waits = bool(viewer.app.settings.language_models) and "messages" not in request.query_params
    messages = [] if waits else await _messages(viewer, shown)
    is_part = "hx-request" in request.headers and "messages" in request.query_params
    return page(
        request,
        "start/messages.html" if is_part else "start/look.html",
        viewer,
        steps=await start_steps.of(viewer, "look"),
        standing=known,
        messages=messages,
        waits=waits,
        **shown,
    )


async def _dry_run(viewer: Member, known: Standing) -> dict[str, Any]:
    app, company = viewer.app, viewer.company
    moment = starting.day_shown(company, known, viewer.now)
    on = moment.astimezone(company.zone).date()
    await intervals.refresh(app.db, company, on=on, now=moment)
    plan = await planning.look(app.db, company, on=on, now=moment, hash_phone=app.hash_phone)
    others = [(why, n) for why, n in plan.counts.most_common() if why not in CONTACTED and n]
    contacts = [decision.candidate.client_id for decision in plan.contacts]
    return {
        "on": on,
        "moment": moment,
        "contacts": contacts,
        "others": others,
        "everybody": sum(plan.counts.values()),
        "ends_before": known.ends_before(viewer.now.astimezone(company.zone).date()),
        "without_consent": plan.counts[Reason.NO_CONSENT],
    }


async def _messages(viewer: Member, shown: Mapping[str, Any]) -> list[samples.Sample]:
    """The first of them, in the order of sending."""
    first: list[int] = shown["contacts"][:SHOWN]
    if not first:
        return []
    app = viewer.app
    found = await samples.sample(
        app.db, viewer.company, app.writer, first,
        crm=app.crm, on=shown["on"], now=shown["moment"],
    )  # fmt: skip
    return sorted(found, key=lambda one: first.index(one.client_id))


@router.get("/c/{company_id}/start/begin")
async def ask(request: Request, viewer: Owner) -> Response:
    if over := _over(viewer):
        return over
    app, company = viewer.app, viewer.company
    known = await starting.standing(app.db, company)
    if not known.has_data and not known.has_crm:
        return _to(f"{viewer.here}/data")
    listed = await accounts.listed(app.db, company)
    return page(
        request,
        "start/begin.html",
        viewer,
        steps=await start_steps.of(viewer, "begin"),
        is_sandbox=all(one.channel == "sandbox" for one in listed.values()),
        until=viewer.now.astimezone(company.zone).date() + starting.FIRST_WEEK,
        ends_before=known.ends_before(viewer.now.astimezone(company.zone).date()),
    )


@router.post("/c/{company_id}/start/begin")
async def begin(viewer: Owner, approval: Text = "first") -> Response:
    """Plan and send from now on; by default a person reads each message of the first week."""
    known = await starting.standing(viewer.app.db, viewer.company)
    if not known.has_data and not known.has_crm:
        return _to(f"{viewer.here}/data")
    asks_first = approval != "none"
    app = viewer.app
    await starting.begin(
        app.db, viewer.company, asks_first=asks_first, who=viewer.who, now=viewer.now
    )
    return _to(f"{viewer.here}/?done=started")


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
