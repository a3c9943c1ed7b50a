"""What a language model is told about a batch of clients, and what is made of its answer.

It gets words, never raw fields: a service, a company, a master and an offer as they are said, the
client as an id of this request alone and a placeholder for the name. Whatever comes back is text
to be judged: `filled` puts in the name, `problems` names the checks that it fails.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from vernis.decide.settings.places import say_company
from vernis.decide.writing import message
from vernis.decide.writing.prompt_words import (
    ADDRESSES,
    GENDERS,
    HINTS,
    PLACEHOLDER,
    REPAIR,
    SYSTEM,
    TASKS,
    TONES,
)
from vernis.decide.writing.vocabulary import unusual
from vernis.decide.writing.wording import Wording, word
from vernis.domain import Company, Locale, MessageFacts

# What a model miscounts by. The limit that it is told is this much under the one that is checked.
MARGIN = 8
LARGEST_BATCH = 40
# Far over every limit: what is longer is too long, and nobody has to read it to say so.
LONGEST_TEXT = 600
STAFF_FORMS = {
    "staff_nom": "кто",
    "staff": "к",
    "staff_gen": "у",
    "staff_acc": "кого",
    "staff_ins": "с",
}
# No sequence to count on: a model that skips a client must not number the rest anew.
IDS = tuple(f"{'kqtmzrvhxwbn'[i % 12]}{(i * 7 + 13) % 89 + 10}" for i in range(LARGEST_BATCH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Exactly what is sent: the instructions and the one message of the user."""

    system: str
    user: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A client whose text failed `problems`; None where no text came."""

    facts: MessageFacts
    text: str | None = field(repr=False)  # as the model wrote it, with the placeholder
    problems: tuple[str, ...]


class Message(BaseModel):
    """One message for one client."""

    id: str
    text: str


class Messages(BaseModel):
    """One message for each client, with the client's id."""

    messages: list[Message]


# The smallest question that shows whether a model answers in the form that is needed.
CHECK = Prompt(
    system='Answer with exactly this JSON: {"messages": [{"id": "k1", "text": "ok"}]}', user="{}"
)


def prompt_for(facts: Sequence[MessageFacts], company: Company) -> Prompt:
    """What is sent to the model for these clients of one company."""
    clients = [_client(IDS[at], one) for at, one in enumerate(facts)]
    return Prompt(system=SYSTEM[company.locale], user=_json(_shared(company), clients))


def repair_for(rejected: Sequence[Rejected], company: Company) -> Prompt:
    """What is sent once more, for the texts that failed."""
    clients = [
        _client(IDS[at], one.facts) | {"rejected": one.text, "fix": _fix(one)}
        for at, one in enumerate(rejected)
    ]
    system = f"{SYSTEM[company.locale]}\n\n{REPAIR[company.locale]}"
    return Prompt(system=system, user=_json(_shared(company), clients))


def read(said: str) -> list[Message]:
    """The messages in an answer: those that are whole, whatever stands around or between them."""
    if (start := re.search(r'\{\s*"messages"', said)) is None:
        return []
    value = _json_from(said[start.start() :])
    rows = value.get("messages") if isinstance(value, dict) else None
    return [one for row in rows if (one := _message(row))] if isinstance(rows, list) else []


def _json_from(said: str) -> Any:
    """The value that the text begins with; as much of it as is there where it is cut off."""
    try:
        return json.JSONDecoder().raw_decode(said)[0]
    except (ValueError, RecursionError):
        with suppress(ValueError):
            return from_json(said, allow_partial=True)
    return None


def _message(row: Any) -> Message | None:
    try:
        return Message.model_validate(row)
    except ValidationError:
        return None


def _fix(rejected: Rejected) -> list[str]:
    """What to change, a sentence for each check."""
    hints = HINTS[rejected.facts.locale]
    fix = [hints.get(problem, hints["other"]) for problem in rejected.problems]
    if rejected.text is not None and "vocabulary" in rejected.problems:
        words = unusual(filled(rejected.text, rejected.facts), rejected.facts)
        fix.append(f"{hints['words']}: {', '.join(words[:10])}")
    return fix


def texts_by_position(messages: Sequence[Message], count: int) -> dict[int, str]:
    """The texts for the clients 0 to count - 1 of the request.

    An id that was not given, or that came twice, gives no text: whose it is, is not certain.
    """
    times = Counter(one.id for one in messages)
    texts = {one.id: one.text[:LONGEST_TEXT] for one in messages if times[one.id] == 1}
    return {at: texts[id_] for at, id_ in enumerate(IDS[:count]) if texts.get(id_, "").strip()}


def filled(text: str, facts: MessageFacts) -> str:
    """The text as it would go out: on one line, with the name, and the line about opting out
    before the question."""
    wording = word(facts)
    text = " ".join(text.split())
    if wording.name is not None:
        text = text.replace(PLACEHOLDER[facts.locale], wording.name)
    if wording.opt_out is None or wording.opt_out in text:
        return text
    body, question = _question(text)
    return " ".join(part for part in (body, wording.opt_out, question) if part)


def problems(text: str, facts: MessageFacts, others: Sequence[MessageFacts] = ()) -> list[str]:
    """The names of the checks that the model's text fails once it is filled, [] where none.

    `others` were told in the same request: none of what is theirs may be said to this client.
    """
    found = message.problems(filled(text, facts), facts)
    if _says_others(text, facts, others):
        found.append("other_client")
    if unusual(filled(text, facts), facts):
        found.append("vocabulary")
    return found


# --- what is sent -----------------------------------------------------------------------------


def _shared(company: Company) -> dict[str, Any]:
    """What is the same for all: in the company's words, as it introduces itself."""
    shared: dict[str, Any] = {"company": say_company(company.name, company.locale)}
    if company.locale is Locale.RU:
        shared["address"] = ADDRESSES[company.address]
    if company.banned_words:
        shared["banned"] = list(company.banned_words)
    return shared


def _client(id_: str, facts: MessageFacts) -> dict[str, Any]:
    """One client without anything that tells who it is."""
    wording, locale = word(facts), facts.locale
    client: dict[str, Any] = {
        "id": id_,
        "task": TASKS[locale][facts.band],
        "tone": TONES[locale][facts.tone],
        "max_chars": _max_chars(wording, locale),
        "name": PLACEHOLDER[locale] if wording.name is not None else None,
        "service": wording.service.wanted if wording.service is not None else None,
        "staff": _staff(wording, locale),
        "offer": _offer(wording, locale),
        "free_times": list(wording.times) or None,
    }
    if locale is Locale.RU:
        client["gender"] = GENDERS[wording.gender] if wording.gender is not None else None
    return client


def _max_chars(wording: Wording, locale: Locale) -> int:
    """What the model's own text may take: the name is not the placeholder, the line about opting
    out comes on top."""
    limit = wording.limit - MARGIN
    if wording.opt_out is not None:
        limit -= len(wording.opt_out) + 1
    if wording.name is not None:
        limit -= max(0, len(wording.name) - len(PLACEHOLDER[locale]))
    return limit


def _staff(wording: Wording, locale: Locale) -> str | dict[str, str] | None:
    if not wording.staff:
        return None
    if locale is Locale.EN:
        return wording.staff["staff"]
    return {STAFF_FORMS[slot]: form for slot, form in wording.staff.items()}


def _offer(wording: Wording, locale: Locale) -> str | dict[str, str] | None:
    if wording.offer is None:
        return None
    if locale is Locale.EN:
        return wording.offer.given
    return {"called": wording.offer.called, "given": wording.offer.given}


def _json(shared: Mapping[str, Any], clients: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({**shared, "clients": clients}, ensure_ascii=False, indent=1)


# --- what comes back --------------------------------------------------------------------------


def _question(text: str) -> tuple[str, str]:
    """The text before its last sentence, and that sentence."""
    ends = [match.end() for match in re.finditer(r"[.!…\U0001f300-\U0001faff☀-➿]\s", text)]
    at = ends[-1] if ends else 0
    return text[:at].strip(), text[at:].strip()


def _says_others(text: str, facts: MessageFacts, others: Sequence[MessageFacts]) -> bool:
    """Whether a service, a master or an offer of another client of the request is in the text."""
    own = _own_words(facts)
    said = text.lower()
    for words in sorted(own, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", " ", said)
    theirs = {words for other in others for words in _own_words(other)} - own
    return any(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", said) for words in theirs)


def _own_words(facts: MessageFacts) -> set[str]:
    wording = word(facts)
    words = set(wording.staff.values())
    if wording.service is not None:
        words |= {wording.service.called, wording.service.wanted}
    if wording.offer is not None:
        words |= {wording.offer.called, wording.offer.given, wording.offer.value}
    return {one.lower() for one in words}
