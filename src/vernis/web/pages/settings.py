"""Everything a company can set, on one page: an owner changes it, the others read it."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from vernis.decide.policies import policy_of
from vernis.decide.settings.variants import COMPANYS
from vernis.domain import Band, Company, Locale, Tone
from vernis.errors import UsageError
from vernis.stages import accounts, companies, model_status
from vernis.web.pages import places, settings_fields, settings_typed
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import fault as said
from vernis.web.pages.rendering import page
from vernis.web.pages.settings_fields import SETTINGS
from vernis.web.pages.settings_typed import NONE, OWN
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Owner, Reader

router = APIRouter(
    prefix="/c/{company_id}", include_in_schema=False, dependencies=[Depends(forms.check)]
)
LONGEST = 10_000  # of what is typed into one field
VARIANT_TONES: Mapping[str, str] = {
    COMPANYS: N_("as for the salon"),
    Tone.WARM: N_("Warm"),
    Tone.BRIEF: N_("Brief"),
}
VARIANT_OFFERS: Mapping[str, str] = {
    COMPANYS: N_("as for the salon"),
    NONE: N_("no offer"),
    OWN: N_("its own:"),
}


@router.get("/settings")
async def show(request: Request, viewer: Reader) -> HTMLResponse:
    typed = settings_typed.shown(viewer.company, viewer.locale)
    return await _page(request, viewer, typed, was=typed)


@router.post("/settings")
async def change(request: Request, viewer: Owner) -> Response:
    """Only what differs from what the page had shown: two owners do not undo each other's."""
    form = await request.form()
    standing = settings_typed.shown(viewer.company, viewer.locale)
    typed, was = _typed(form, standing), standing | _was(form, standing)
    wanted, faults = settings_typed.wishes(viewer.company, typed, was)
    faults |= {} if faults else settings_typed.faults_together(viewer.company, wanted, typed)
    fault = None
    if wanted and not faults:
        try:
            await companies.change(
                viewer.app.db, viewer.company, wanted, now=viewer.now, who=viewer.who
            )
        except UsageError as error:
            fault = said(error, viewer.locale)
    if faults or fault:
        return await _page(request, viewer, typed, was=was, faults=faults, fault=fault)
    return RedirectResponse(f"{viewer.here}/settings?done=saved", 303)


def _typed(form: FormData, standing: Mapping[str, str]) -> dict[str, str]:
    """What stands in each field of the form; what it does not have is as it was."""
    typed: dict[str, str] = {}
    for key, before in standing.items():
        kind = SETTINGS[key].kind if key in SETTINGS else "text"
        if kind == "switch":
            typed[key] = "yes" if form.get(key) == "yes" else "no"
        elif kind == "weekdays":
            days = {str(day) for day in form.getlist(key)} & set("1234567")
            typed[key] = ",".join(sorted(days))
        else:
            typed[key] = _text(form.get(key, before))
    return typed


def _was(form: FormData, standing: Mapping[str, str]) -> dict[str, str]:
    try:
        said = json.loads(_text(form.get("was", ""), longest=100_000))
    except ValueError:
        return {}
    known = said.items() if isinstance(said, dict) else ()
    return {key: text for key, text in known if key in standing and isinstance(text, str)}


def _text(value: Any, *, longest: int = LONGEST) -> str:
    text = value if isinstance(value, str) else ""
    return text.replace("\x00", "").replace("\r\n", "\n").strip()[:longest]


async def _page(
    request: Request,
    viewer: Member,
    typed: Mapping[str, str],
    *,
    was: Mapping[str, str],
    faults: Mapping[str, str] = {},
    fault: str | None = None,
) -> HTMLResponse:
    app, company = viewer.app, viewer.company
    listed = await accounts.listed(app.db, company)
    return page(
        request,
        "settings/company.html" if viewer.may("owner") else "settings/company_read.html",
        viewer,
        status=422 if faults or fault else 200,
        groups=settings_fields.GROUPS,
        fields=settings_fields,
        typed=typed,
        was=json.dumps(was, ensure_ascii=False),
        faults=faults,
        fault=fault,
        wrong=[_label(key) for key in faults],
        zones=_zones(viewer, typed["timezone"]),
        country=_country(company, viewer.locale),
        policy=policy_of(company.country),
        bands=Band,
        variant_tones=VARIANT_TONES,
        variant_offers=VARIANT_OFFERS,
        writes_by_model=bool(app.settings.language_models),
        spent=await model_status.spent_micro_usd(app.db, company) / 1_000_000,
        is_sandbox=all(one.channel == "sandbox" for one in listed.values()),
    )


def _label(key: str) -> tuple[str, str]:
    label = SETTINGS[key].label if key in SETTINGS else settings_fields.VARIANTS
    return key, label


def _zones(viewer: Member, chosen: str) -> dict[str, str]:
    """Those of the country, and the one that is set."""
    known = dict(places.zones(viewer.company.country, viewer.locale, now=viewer.now))
    return known if chosen in known else {chosen: chosen} | known


def _country(company: Company, locale: Locale) -> str:
    frequent, others = places.countries(locale)
    return dict([*frequent, *others]).get(company.country, company.country)
