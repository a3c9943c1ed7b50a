"""The first steps of a salon: which there are, which are done, where one goes on."""

from dataclasses import dataclass

from vernis.domain import Company
from vernis.stages import starting
from vernis.stages.starting import Place, Standing
from vernis.web.pages.catalog import N_
from vernis.web.security.viewer import Member

TITLES = {
    "about": N_("Salon"),
    "data": N_("Clients"),
    "consent": N_("Consent"),
    "rules": N_("Messages"),
    "look": N_("Preview"),
    "begin": N_("Start"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    title: str
    href: str | None  # None: what comes before is missing
    is_done: bool
    is_here: bool


async def of(viewer: Member, here: str, known: Standing | None = None) -> list[Step]:
    """The steps as the head of the page shows them; none once the salon is started."""
    if viewer.company.started_at is not None:
        return []
    known = known or await starting.standing(viewer.app.db, viewer.company)
    return steps(viewer.here, known, here)


def steps(place: str, known: Standing, here: str) -> list[Step]:
    has_data = known.has_data or known.has_crm
    done = {
        "about": True,
        "data": has_data,
        "consent": known.consent_said,
        "rules": known.rules_said,
        "look": here == "begin",
        "begin": False,
    }
    return [
        Step(
            name=name,
            title=title,
            href=_href(place, name) if has_data or name in {"about", "data"} else None,
            is_done=done[name],
            is_here=name == here,
        )
        for name, title in TITLES.items()
    ]


def next_of(place: str, known: Standing) -> str:
    """Where whoever comes back goes on."""
    missing = (one for one in steps(place, known, "") if not one.is_done)
    return next(missing).href or _href(place, "data")


def first(here: str = "about") -> list[Step]:
    """Before there is a salon."""
    return [
        Step(name=name, title=title, href=None, is_done=False, is_here=name == here)
        for name, title in TITLES.items()
    ]


def place_of(company: Company) -> Place:
    return Place(
        name=company.name,
        country=company.country,
        timezone=company.timezone,
        currency=company.currency,
        locale=company.locale,
    )


def _href(place: str, name: str) -> str:
    return f"{place}/data" if name == "data" else f"{place}/start/{name}"
