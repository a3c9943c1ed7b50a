"""The first steps of a salon, one decision a page: where it is, a look at the first messages, and
the start. In between are its clients (`data`), their consent and the rules (`start_rules`)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.decide.plan import CONTACTED
from vernis.decide.settings import company as settings
from vernis.domain import (
    Locale,
    Reason,
)
from vernis.errors import ConflictError
from vernis.stages import accounts, intervals, planning, samples, starting
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
    known = await starting.standing(viewer.app.db, viewer.company)
    if viewer.company.started_at is not None:
        return _to(f"{viewer.here}/" if known.has_data else f"{viewer.here}/data")
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
        steps=await start_steps.of(viewer, "look", known),
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
    plan = await planning.look(
        app.db, company, on=on, now=moment, hash_phone=app.hash_phone, until_full=True
    )
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
        steps=await start_steps.of(viewer, "begin", known),
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


def _over(viewer: Member) -> Response | None:
    """The first steps are over: what they set is in the settings now."""
    return _to(f"{viewer.here}/") if viewer.company.started_at is not None else None


def _to(place: str) -> RedirectResponse:
    return RedirectResponse(place, status_code=303)
