"""What of the facts can be said, and in which words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from vernis.decide.settings.places import say_company
from vernis.decide.writing import russian
from vernis.decide.writing.free_times import MOST, blot_times, say_times
from vernis.decide.writing.names import gender_of, say_name
from vernis.decide.writing.offers import OfferWords, say_offer
from vernis.decide.writing.titles import Service, say_title
from vernis.domain import Address, Band, Gender, Locale, MessageFacts

# Characters, emoji included (the mission's figures).
LIMITS = {Band.GENTLE: 150, Band.OFFER: 200, Band.WIN_BACK: 250}
# An offer with terms up to this length fits beside the longest name and company in every band
# that must mention it; a longer one is said where there is room.
ALWAYS_FITS = 60

# What stands for a given fact in a text under judgement: any, the service, a day or time.
FACT, SERVICE, MOMENT = "◦", "◇", "◷"

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
    staff_gender: Gender | None
    offer: OfferWords | None
    times: tuple[str, ...]  # the free times in words, from all of them down to the first alone
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
        staff_gender=gender_of(facts.staff_name),
        offer=say_offer(facts.offer, facts.locale, facts.on),
        times=_times(facts),
        opt_out=opt_out,
        limit=LIMITS[facts.band] + (len(opt_out) + 1 if opt_out else 0),
    )


def slots(wording: Wording, locale: Locale) -> dict[str, str]:
    """What a template may name, the free times aside. `visit` is always there."""
    found = {slot: form for slot, form in wording.staff.items() if slot in {"staff", "staff_gen"}}
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


def without_facts(text: str, facts: MessageFacts, wording: Wording) -> str:
    """The text with the given facts blotted out: what remains is the writer's own."""
    given = [*companys_own(wording), *wording.staff.values()]
    if wording.name is not None:
        given.append(wording.name)
    text = _blot(text, given)
    if wording.service is not None:
        text = _blot(text, [wording.service.wanted, wording.service.called], SERVICE)
    return blot_times(text, facts.free_times[:MOST], facts.locale, MOMENT)


def blot_company(text: str, wording: Wording) -> str:
    """The text without what the company wrote itself."""
    return _blot(text, companys_own(wording))


def companys_own(wording: Wording) -> list[str]:
    """The company's words: they may hold anything, a client's name among it."""
    given: list[str | None] = [wording.opt_out, wording.company]
    if wording.offer is not None:
        offer = wording.offer
        given += [offer.called, offer.given, offer.value, offer.wanted]
        given += [offer.terms, *offer.bounds]
    if quoted := re.search(r"«[^«»]+»", wording.company or ""):
        given.append(quoted[0])
    return [part for part in given if part is not None]


def _blot(text: str, given: Sequence[str], mark: str = FACT) -> str:
    """Each whole-word occurrence, in any case of letters, the longest first."""
    parts = {spelling for part in given for spelling in _spellings(part)}
    low = _lower(text)
    for part in sorted(parts, key=lambda part: (-len(part), part)):
        start = low.find(part)
        while start >= 0:
            end = start + len(part)
            if not (_is_word(low[start - 1 : start]) or _is_word(low[end : end + 1])):
                put = f"{mark}." if part.endswith(".") else mark
                text, low = text[:start] + put + text[end:], low[:start] + put + low[end:]
                end = start + len(put)
            start = low.find(part, end)
    return text


@lru_cache(maxsize=4096)
def _spellings(part: str) -> tuple[str, ...]:
    """With a plain space for a no-break one, and «2000» for «2 000»."""
    plain = _lower(part)
    return plain, re.sub(r"(?<=\d) (?=\d)", "", plain)


def _lower(text: str) -> str:
    """Letter by letter, so that places in the text stay the same."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.replace("\u00a0", " ")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _times(facts: MessageFacts) -> tuple[str, ...]:
    times = sorted(set(facts.free_times))[:MOST]
    said = (say_times(times[:count], facts.locale) for count in range(len(times), 0, -1))
    return tuple(words for words in said if words is not None)


def _staff(facts: MessageFacts, client: str | None) -> dict[str, str]:
    name = say_name(facts.staff_name, Address.TY, facts.locale)
    if name is None or len(name) > 15 or (client or "").split()[:1] == [name]:
        return {}
    if facts.locale is Locale.EN:
        return {"staff": name}
    gender = gender_of(facts.staff_name)
    forms = {
        "staff": russian.decline_name(name, gender, "datv"),
        "staff_gen": russian.decline_name(name, gender, "gent"),
        "staff_acc": russian.decline_name(name, gender, "accs"),
        "staff_ins": russian.decline_name(name, gender, "ablt"),
    }
    certain = {slot: form for slot, form in forms.items() if form is not None}
    if not {"staff", "staff_gen"} <= certain.keys():
        return {}
    return certain | {"staff_nom": name}
