"""From the concepts of a title to a standard: one rule for each act, asked in title order.

A rule sees the clause and the part that its act stands in, the whole title, and the category.
It answers with a key and a confidence (`SURE`: act and object or audience are named; `LIKELY`:
one of them is implied; `GUESS`: both readings exist and this one is far more common), or with
None, and then the next act is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass

from vernis.decide.services.titles import Clause, Part, Title, concepts

SURE, LIKELY, GUESS = 0.95, 0.8, 0.65

Decision = tuple[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an act stands: concepts of its clause (in order), part, title and category."""

    clause: Clause
    part: frozenset[str]
    title: frozenset[str]
    group: frozenset[str]

    @property
    def around(self) -> frozenset[str]:
        return self.title | self.group


Rule = Callable[[Place], Decision | None]

_NO_SERVICE = concepts("sale pet thing")
_NOT_HAIR = concepts(
    "brow lash beard beard_too moustache nail lips permanent fibre design gel manicure"
)
_NOT_EPILATION = concepts(
    "massage treatment care botox peel pedicure manicure gel coat color shave styling cut clean"
    " scalp permanent"
)
_BODY = concepts("body legs shin foot hand")
# words that complete a title whose act stands in its category («Аппаратный» in «Педикюр»)
_QUALIFIERS = concepts(
    "classic kind male female coat gel bare hair extent long short face tone clipper cleaning_kind"
)


def decide(title: Title, group: Title) -> Decision | None:
    """The key of a title's standard and the confidence in it, or None."""
    if _is_no_service(title) or group.concepts & {"training", "child", "thing", "removal", "pet"}:
        return None
    known = title.concepts | ({"haircut"} if _has_haircut(title) else set())
    if decision := _first(title.parts, known, group.concepts):
        return decision
    return _completed(title, group)


def _is_no_service(title: Title) -> bool:
    lessons = "training" in title.concepts and "series" not in title.concepts
    return lessons or bool(title.concepts & _NO_SERVICE)


def _has_haircut(title: Title) -> bool:
    """Whether something is cut that is not named a beard or a moustache."""
    clauses = (clause for part in title.parts for clause in part)
    return any("cut" in clause and not {"beard", "moustache"} & {*clause} for clause in clauses)


def _first(
    parts: tuple[Part, ...], title: frozenset[str], group: frozenset[str]
) -> Decision | None:
    for part in parts:
        words = frozenset(concept for clause in part for concept in clause)
        if "child" in words and "father" not in title:
            continue
        for clause in part:
            place = Place(clause=clause, part=words, title=title, group=group)
            for concept in clause:
                rule = _RULES.get(concept)
                if rule and (decision := rule(place)):
                    return decision
        if "massage" in words and words & _BODY:
            return None  # a body massage is what this visit is for
    return None


def _completed(title: Title, group: Title) -> Decision | None:
    acts = [act for act in _CATEGORY_ACTS if act in group.concepts]
    if len(acts) != 1 or not title.concepts <= _QUALIFIERS or title.concepts <= {"gel", "coat"}:
        return None
    clause = (acts[0], *(concept for part in title.parts for words in part for concept in words))
    place = Place(
        clause=clause, part=frozenset(clause), title=frozenset(clause), group=group.concepts
    )
    decision = _RULES[acts[0]](place)
    return decision and (decision[0], min(decision[1], LIKELY))


_CATEGORY_ACTS = ("manicure", "pedicure", "cut", "color", "highlight", "massage", "clean", "peel")


# --- hair ------------------------------------------------------------------------------------


def _haircut(place: Place) -> Decision | None:
    clause = frozenset(place.clause)
    if clause & _NO_HAIRCUT or ("styling" in clause and not clause & {"cut", "trim"}):
        return None
    for words in (place.part, place.title):
        if told := words & {"male", "female"}:
            return (_HAIRCUTS[min(told)], SURE) if len(told) == 1 else None
    if place.title & _MALE_CUT:
        return "haircut_male", LIKELY
    if "female_style" in place.title:
        return "haircut_female", LIKELY
    halls = {_HAIRCUTS[word] for word in place.group if word in _HAIRCUTS}
    if len(halls) == 1:
        return min(halls), LIKELY
    return ("haircut_female", GUESS) if "long" in place.part else None


_NO_HAIRCUT = concepts("bangs beard moustache brow bikini nail extended lash")
_MALE_CUT = concepts("male_style clipper father beard beard_too barber shave")
_HAIRCUTS = {"male": "haircut_male", "female": "haircut_female", "barber": "haircut_male"}


def _trim(place: Place) -> Decision | None:
    return None if place.title & {"beard", "moustache", "ends"} else _haircut(place)


def _haircut_style(place: Place) -> Decision | None:
    """«Fade», «Каре», «Машинкой»: a haircut even when no cut is named."""
    if place.title & {"cut", "styling", "care", "manicure", "pedicure", "color"}:
        return None
    decision = _haircut(place)
    return decision and (decision[0], min(decision[1], LIKELY))


def _beard(place: Place) -> Decision | None:
    clause = frozenset(place.clause)
    if clause & {"color", "camouflage", "care", "clean", "permanent", "henna", "epil", "extend"}:
        return None
    if "styling" in clause and not place.title & {"cut", "trim"}:
        return None
    if "haircut" in place.title or {"cut", "beard_too"} <= clause:
        return "haircut_male", LIKELY
    return "beard", SURE if clause & {"cut", "trim", "correction"} else LIKELY


def _color(place: Place) -> Decision | None:
    if "balayage" in place.title:
        return "balayage", SURE
    if place.part & {"gradient", "ombre"} and (decision := _balayage(place)):
        return decision
    hair = "hair" in place.part
    if place.part & (_NOT_HAIR | {"henna", "paint", "bikini"}) and not hair:
        return None
    if hair:
        return "coloring", SURE
    if "extend" in place.title:
        return None
    elsewhere = {"brow", "lash", "beard", "permanent", "correction"}
    if "tone" not in place.title and (place.title & elsewhere or _is_not_hair(place.group)):
        return None
    told = place.around & {"tone", "cut", "hair", "highlight"} or "color" in place.group
    return "coloring", LIKELY if told else GUESS


def _highlights(place: Place) -> Decision | None:
    """Highlights start at the root and are renewed like a coloring, not like a balayage."""
    if place.part & {"brow", "lash", "balayage"}:
        return _balayage(place) if "balayage" in place.part else None
    return "coloring", SURE


def _camouflage(place: Place) -> Decision | None:
    if place.part & {"beard", "beard_too", "brow", "nail", "permanent"}:
        return None
    return ("coloring", LIKELY) if place.part & {"hair", "male", "scalp", "color"} else None


def _balayage(place: Place) -> Decision | None:
    """Techniques that leave the root alone (airtouch, shatush, ombre) grow out like a balayage."""
    if place.part & _NOT_HAIR and "hair" not in place.part:
        return None
    if "balayage" in place.part:
        return "balayage", SURE
    if _is_not_hair(place.group) or place.title & (_NOT_HAIR - {"brow"}):
        return None
    if "ombre" in place.part or {"gradient", "tone"} <= place.part:
        return "balayage", LIKELY
    return None


def _extension(place: Place) -> Decision | None:
    if place.part & {"nail", "lash", "brow", "gel", "gel_word", "acrylic", "fibre", "beard"}:
        return None
    if place.part & {"hair", "strand"}:
        return "hair_extensions", SURE
    if "hair" in place.group and not _is_not_hair(place.group):
        return "hair_extensions", LIKELY
    return None


def _extended(place: Place) -> Decision | None:
    """A correction of extensions is what a client of hair extensions comes back for."""
    if {"correction", "hair"} <= place.part and not place.part & {"nail", "lash"}:
        return "hair_extensions", LIKELY
    return None


def _botox(place: Place) -> Decision | None:
    hair = "hair" in place.part
    elsewhere = {"lash", "brow", "lips", "face", "forehead", "underarm", "foot", "hand"}
    if place.part & elsewhere and not hair:
        return None
    if hair:
        return "botox_hair", SURE
    if place.title & elsewhere or _is_not_hair(place.group):
        return None
    if place.around & {"hair", "hair_care"}:
        return "botox_hair", LIKELY
    return ("botox_hair", GUESS) if place.part & {"long", "short"} else None


def _is_not_hair(group: frozenset[str]) -> bool:
    return bool(group & _NOT_HAIR) and not group & {"hair", "cut", "highlight"}


# --- nails -----------------------------------------------------------------------------------


def _manicure(place: Place) -> Decision | None:
    before = place.clause[: place.clause.index("manicure")] if "manicure" in place.clause else ()
    if before and before[-1] in {"design", "repair"}:
        return None
    if _has_nail_extensions(place.title):
        return None
    if "bare" in place.part:
        return "manicure_regular", SURE
    if "gel" in place.title:
        return "manicure_gel", SURE
    if "lacquer" in place.title:
        return "manicure_regular", SURE
    if place.title & {"coat", "gel_word"}:
        return "manicure_gel", LIKELY
    if place.title & {"strengthen", "design", "pattern"}:
        return "manicure_gel", GUESS
    return "manicure_regular", SURE if place.part & {"classic", "kind", "male"} else LIKELY


def _has_nail_extensions(title: frozenset[str]) -> bool:
    if "acrylic" in title or ({"correction", "gel_word"} <= title and "brow" not in title):
        return True
    return bool(title & {"extend", "extended"}) and not title & {"hair", "lash"}


def _gel(place: Place) -> Decision | None:
    """Gel polish without the word manicure: the coat is what the client comes back for."""
    elsewhere = {"manicure", "pedicure", "correction", "repair", "extend", "extended", "acrylic"}
    if place.title & (elsewhere | {"foot", "legs", "finger"}) or "pedicure" in place.group:
        return None
    if "strengthen" in place.part or ("design" in place.part and "coat" not in place.part):
        return None
    return "manicure_gel", LIKELY


def _pedicure(place: Place) -> Decision | None:
    before = place.clause[: place.clause.index("pedicure")] if "pedicure" in place.clause else ()
    return None if before and before[-1] in {"design", "repair"} else ("pedicure", SURE)


# --- face ------------------------------------------------------------------------------------


def _cleaning(place: Place) -> Decision | None:
    if "face" in place.part:
        return "facial", SURE
    if place.part & (_BODY | {"scalp", "nail", "brow", "hair"}) or "hair_care" in place.around:
        return None
    if place.part & {"cleaning_kind", "kind", "facial"}:
        return "facial", LIKELY
    return ("facial", GUESS) if place.around & {"cosmetology", "face", "skin", "peel"} else None


def _facial(place: Place) -> Decision | None:
    if place.part & {"massage", "epil", "peel", "hair", "extend", "laser"}:
        return None
    return "facial", LIKELY


def _massage(place: Place) -> Decision | None:
    for concept in (word for word in place.clause if word in _BODY | {"face", "facial"}):
        return None if concept in _BODY else ("massage_face", SURE)
    if place.part & {"face", "facial"}:
        return "massage_face", SURE
    return ("massage_face", GUESS) if "cosmetology" in place.clause else None


def _peel(place: Place) -> Decision | None:
    if "clean" in place.clause:
        return _cleaning(place)
    elsewhere = _BODY | {"scalp", "bikini", "underarm", "hair", "lips", "brow", "lash", "nail"}
    if "face" not in place.part and place.part & elsewhere:
        return None
    if place.group & {"hair", "pedicure", "manicure"} or "hair_care" in place.around:
        return None
    return "peeling", SURE if "face" in place.part else LIKELY


# --- epilation -------------------------------------------------------------------------------


def _zone(key: str) -> Rule:
    def rule(place: Place) -> Decision | None:
        if place.part & {"finger", "foot"} and key == "epilation_legs":
            return None
        if place.title & {"epil", "laser"} and not (place.part & _NOT_EPILATION):
            return key, SURE
        if "epil" in place.part:
            return key, LIKELY
        if place.around & _NOT_EPILATION:
            return None
        if place.group & {"epil", "laser"}:
            return key, LIKELY
        legs = "legs" in place.clause and "extent" not in place.part
        return None if legs and key == "epilation_legs" else (key, GUESS)

    return rule


_LEGS = _zone("epilation_legs")

_RULES: dict[str, Rule] = {
    "cut": _haircut,
    "trim": _trim,
    "male_style": _haircut_style,
    "female_style": _haircut_style,
    "clipper": _haircut_style,
    "beard": _beard,
    "beard_too": _beard,
    "color": _color,
    "highlight": _highlights,
    "camouflage": _camouflage,
    "balayage": _balayage,
    "ombre": _balayage,
    "gradient": _balayage,
    "extend": _extension,
    "extended": _extended,
    "botox": _botox,
    "manicure": _manicure,
    "gel": _gel,
    "pedicure": _pedicure,
    "clean": _cleaning,
    "facial": _facial,
    "massage": _massage,
    "peel": _peel,
    "legs": _LEGS,
    "shin": _LEGS,
    "bikini": _zone("epilation_bikini"),
    "underarm": _zone("epilation_underarms"),
}
