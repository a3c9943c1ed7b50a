"""What of the facts can be said, and in which words."""

import re
from dataclasses import dataclass

from vernis.decide import russian
from vernis.decide.companies import say_company
from vernis.decide.names import gender_of, say_name
from vernis.decide.offers import OfferWords, say_offer
from vernis.decide.titles import Service, say_title
from vernis.domain import Address, Band, Gender, Locale, MessageFacts

# Characters, emoji included (the mission's figures).
LIMITS = {Band.GENTLE: 150, Band.OFFER: 200, Band.WIN_BACK: 250}
# An offer with terms up to this length fits beside the longest name and company in every band
# that must mention it; a longer one is said where there is room.
ALWAYS_FITS = 60

OPT_OUT = {
    (Locale.RU, Address.VY): "Если писать не нужно, ответьте «стоп».",
    (Locale.RU, Address.TY): "Если писать не нужно, ответь «стоп».",
    (Locale.EN, Address.VY): "Reply STOP to opt out.",
    (Locale.EN, Address.TY): "Reply STOP to opt out.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words for one client. None: it is not known, or no form of it is certain."""

    name: str | None
    gender: Gender | None
    company: str | None
    service: Service | None
    staff: dict[str, str]  # slot -> form, empty where it cannot be said
    offer: OfferWords | None
    opt_out: str | None
    limit: int  # characters; the line about opting out comes on top


def word(facts: MessageFacts) -> Wording:
    """The words for these facts."""
    name = say_name(facts.client_name, facts.address, facts.locale)
    opt_out = OPT_OUT[facts.locale, facts.address] if facts.opt_out_line else None
    return Wording(
        name=name,
        gender=facts.gender or (gender_of(facts.client_name) if name else None),
        company=say_company(facts.company_name, facts.locale),
        service=say_title(facts.service_title, facts.locale),
        staff=_staff(facts, name),
        offer=say_offer(facts.offer, facts.locale),
        opt_out=opt_out,
        limit=LIMITS[facts.band] + (len(opt_out) + 1 if opt_out else 0),
    )


def slots(wording: Wording, locale: Locale) -> dict[str, str]:
    """What a template may name. `visit` is always there."""
    found = dict(wording.staff)
    if wording.name is not None:
        found["name"] = wording.name
    if wording.company is not None:
        found["company"] = wording.company
    if wording.offer is not None:
        found["offer"] = wording.offer.called
        found["offer_acc"] = wording.offer.given
    if wording.service is not None:
        found["service"] = wording.service.wanted
    return found | {"visit": visit(wording.service, locale)}


def visit(service: Service | None, locale: Locale) -> str:
    """«на стрижку» or «к нам»; "a haircut" or "your next visit"."""
    if locale is Locale.RU:
        return f"на {service.wanted}" if service else "к нам"
    return service.wanted if service else "your next visit"


def without_facts(text: str, wording: Wording) -> str:
    """The text with the given facts blotted out: what remains is the writer's own."""
    given = [*_companys_own(wording), *wording.staff.values()]
    if wording.service is not None:
        given += [wording.service.wanted, wording.service.called]
    if wording.name is not None:
        given.append(wording.name)
    return _blot(text, given)


def without_company_and_offer(text: str, wording: Wording) -> str:
    """These may hold anything, a client's name among it."""
    return _blot(text, _companys_own(wording))


def _companys_own(wording: Wording) -> list[str]:
    given = [wording.opt_out, wording.company]
    if wording.offer is not None:
        offer = wording.offer
        given += [offer.called, offer.given, offer.value, offer.terms]
    return [part for part in given if part is not None]


def _blot(text: str, given: list[str]) -> str:
    if not given:
        return text
    longest_first = sorted(set(given), key=lambda part: (-len(part), part))
    parts = "|".join(map(re.escape, longest_first))
    return re.sub(
        rf"(?<!\w)(?:{parts})(?!\w)",
        lambda found: "◦." if found[0].endswith(".") else "◦",
        text,
        flags=re.IGNORECASE,
    )


def _staff(facts: MessageFacts, client: str | None) -> dict[str, str]:
    name = say_name(facts.staff_name, Address.TY, facts.locale)
    if name is None or len(name) > 15 or (client or "").split()[:1] == [name]:
        return {}
    if facts.locale is Locale.EN:
        return {"staff": name}
    gender = gender_of(facts.staff_name)
    dative = russian.decline_name(name, gender, "datv")
    genitive = russian.decline_name(name, gender, "gent")
    if dative is None or genitive is None:
        return {}
    return {"staff": dative, "staff_gen": genitive}
