"""What a language model is told about one turn of a dialog, and what is made of its answer.

Words and labels only: times are t1, t2, the client's bookings b1, b2; what a label means, code
knows. The client's words are data in JSON.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeVar

from vernis.decide.reception.answers import moment
from vernis.decide.reception.turn_words import READ, SPEAK
from vernis.decide.writing.prompt import Prompt
from vernis.decide.writing.prompt_words import ADDRESSES, PLACEHOLDER
from vernis.domain import Appointment, FreeTime, Intent, Locale, Topic, When
from vernis.turns import Act, Proposal, Refused, TurnFacts

MOST_TIMES = 12  # that are listed; more are looked up by a tool
LONGEST_SAID = 1500
LONGEST_LINE = 400
T = TypeVar("T")


@dataclass(slots=True)
class Labels:
    """The names under which a model knows times and bookings."""

    facts: TurnFacts
    times: list[FreeTime] = field(default_factory=list)

    def add(self, times: Sequence[FreeTime]) -> list[str]:
        """«t1: в субботу, 6 апреля, в 10:00 к Анне» for each; a time keeps its label."""
        lines = []
        for free in times:
            if free not in self.times:
                self.times.append(free)
            lines.append(f"t{self.times.index(free) + 1}: {self._said(free)}")
        return lines

    def own(self) -> list[str]:
        return [f"b{n}: {self._visit(one)}" for n, one in enumerate(self.facts.own, 1)]

    def time(self, label: str) -> FreeTime | None:
        return _at(self.times, label, "t")

    def booking(self, label: str) -> Appointment | None:
        return _at(self.facts.own, label, "b")

    def _said(self, free: FreeTime) -> str:
        return moment(free.starts_at, free.staff_name, self.facts.now, self.facts.locale)

    def _visit(self, one: Appointment) -> str:
        if one.starts_at is None:
            return one.on.isoformat()
        return moment(one.starts_at, one.staff_name, self.facts.now, self.facts.locale)


def _at(known: Sequence[T], label: str, letter: str) -> T | None:
    found = re.fullmatch(rf"{letter}(\d{{1,3}})", label.strip().lower())
    place = int(found[1]) if found else 0
    return known[place - 1] if 1 <= place <= len(known) else None


def prompt_for(facts: TurnFacts, labels: Labels, *, speaks: bool) -> Prompt:
    """What is sent: about the reading alone, or about all of the turn."""
    told: dict[str, Any] = {"now": facts.now.strftime("%Y-%m-%d %H:%M, %A")}
    told |= {"company": facts.company_name, "client": _client(facts)}
    told["context"] = facts.context
    told["dialog"] = [
        {"from": "us" if line.ours else "client", "text": line.text[:LONGEST_LINE]}
        for line in facts.lines
    ]
    told["offered_times"] = [
        f"{n}) {line.partition(': ')[2]}" for n, line in enumerate(labels.add(facts.offered), 1)
    ]
    told["bookings"] = labels.own()
    if speaks:
        if facts.locale is Locale.RU:
            told["address"] = ADDRESSES[facts.address]
        told["service"] = facts.service
        told["free_times"] = labels.add(facts.free[:MOST_TIMES])
        told["services"] = [one.said for one in facts.services]
        told["facts"] = {str(topic): said for topic, said in facts.facts.items()}
        told["banned"] = list(facts.banned_words)
        told["draft"] = facts.phrase
    told["client_says"] = facts.said[:LONGEST_SAID]
    told = {key: value for key, value in told.items() if value}
    system = (SPEAK if speaks else READ)[facts.locale]
    return Prompt(system=system, user=json.dumps(told, ensure_ascii=False, indent=1))


def _client(facts: TurnFacts) -> dict[str, str] | None:
    return {"name": PLACEHOLDER[facts.locale]} if facts.has_name else None


# --- what comes back --------------------------------------------------------------------------


def reading_of(said: dict[str, Any]) -> dict[str, Any]:
    """Intent, topic, day, hours and choice of an answer, without what is none of them."""
    return {
        "intent": _one_of(Intent, said.get("intent")),
        "topic": _one_of(Topic, said.get("topic")),
        "when": _when(said),
        "choice": _choice(said.get("choice")),
    }


def action_of(said: dict[str, Any], labels: Labels) -> dict[str, Any]:
    """The action with what its labels mean; `faults` where they mean nothing."""
    named = [str(label) for label in said.get("times") or () if str(label).strip()]
    times = [labels.time(label) for label in named]
    label = str(said.get("booking") or "").strip()
    booking = labels.booking(label) if label else None
    unknown = None in times or (label != "" and booking is None)
    return {
        "act": _one_of(Act, said.get("action")),
        "times": tuple(free for free in times if free is not None),
        "booking": booking,
        "on": _day(said.get("on")),
        "about": _one_of(Topic, said.get("about")),
        "faults": (Refused.SEVERAL,) if said.get("several") else (Refused.UNKNOWN,) * unknown,
    }


def proposal_of(said: dict[str, Any], labels: Labels, *, model: str, speaks: bool) -> Proposal:
    """A model's answer as a proposal; whatever is not understood is left out."""
    if not speaks:
        return Proposal(model=model, **reading_of(said))
    text = str(said.get("text") or "").strip() or None
    return Proposal(model=model, text=text, **reading_of(said), **action_of(said, labels))


def _one_of(kind: Any, value: object) -> Any:
    try:
        return kind(str(value or "").strip().lower())
    except ValueError:
        return None


def _choice(value: object) -> int | None:
    return value if isinstance(value, int) and (value == -1 or 1 <= value <= 20) else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value or "").strip())
    except ValueError:
        return None


def _hour(value: object) -> time | None:
    try:
        hour = time.fromisoformat(str(value or "").strip())
    except ValueError:
        return None
    return hour.replace(second=0, microsecond=0, tzinfo=None)


def _when(said: dict[str, Any]) -> When | None:
    days = _pair(_day(said.get("first_day")), _day(said.get("last_day")))
    hours = _pair(_hour(said.get("first_hour")), _hour(said.get("last_hour")))
    return When(days=days, hours=hours) if days or hours else None


def _pair(first: Any, last: Any) -> Any:
    """A single end stands for both; ends that are the wrong way round say nothing."""
    first, last = first or last, last or first
    return (first, last) if first is not None and first <= last else None
