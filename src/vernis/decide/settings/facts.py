"""What a company tells of its place, so that the receptionist can: `fact.address=...`."""

from collections.abc import Mapping

from vernis.errors import UsageError

NOTHING = frozenset({"", "no", "none", "нет"})
FACTS = ("address", "directions", "cards", "parking")
LONGEST = 300  # characters: an answer in a messenger
_YES = frozenset({"yes", "true", "да"})


def changed(facts: Mapping[str, str], key: str, text: str) -> dict[str, str]:
    """The facts with this one; `none` takes it away. `cards` is yes or no, the others are said
    as they are typed. Raises UsageError."""
    name = key.removeprefix("fact.")
    if name not in FACTS:
        raise UsageError(f"There is no {key}; there are: {', '.join(f'fact.{f}' for f in FACTS)}.")
    text = " ".join(text.split())
    others = {fact: said for fact, said in facts.items() if fact != name}
    if name == "cards":
        return others | _cards(text.lower())
    if text.lower() in NOTHING:
        return others
    if len(text) > LONGEST:
        raise UsageError(f"{key} has {len(text)} characters: at most {LONGEST} fit an answer.")
    return others | {name: text}


def shown(facts: Mapping[str, str]) -> dict[str, str]:
    """Every fact as a person would type it."""
    return {f"fact.{name}": facts.get(name, "none") for name in FACTS}


def _cards(text: str) -> dict[str, str]:
    if text in _YES | {"no", "нет"}:
        return {"cards": "yes" if text in _YES else "no"}
    if text in {"", "none", "unknown"}:
        return {}
    raise UsageError("fact.cards: give yes or no, or none where it is not to be told.")
