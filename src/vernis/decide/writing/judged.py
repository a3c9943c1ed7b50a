"""A text under judgement: as it is, and with the given facts blotted out."""

import re
from dataclasses import dataclass

from vernis.decide.writing.wording import Wording, without_facts
from vernis.domain import Locale, MessageFacts

# Between sentences: a mark or an emoji, then a space.
BETWEEN = re.compile(r"(?<=[.!?…])[»”\")]* |(?<=[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f])[.!]? ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a check sees. `own` has ◦ for each given fact, `lower` is `own` without «ё»."""

    raw: str
    own: str
    lower: str
    sentences: tuple[str, ...]  # of `lower`
    facts: MessageFacts
    wording: Wording

    @property
    def is_russian(self) -> bool:
        return self.facts.locale is Locale.RU

    @property
    def question(self) -> str:
        """The last sentence of `lower`."""
        return self.sentences[-1]

    @property
    def body(self) -> str:
        """`lower` without the last sentence."""
        return self.lower[: len(self.lower) - len(self.question)]


def judged(text: str, facts: MessageFacts, wording: Wording) -> Judged:
    return judged_as(text, without_facts(text, facts, wording), facts, wording)


def judged_as(text: str, own: str, facts: MessageFacts, wording: Wording) -> Judged:
    """The same, for a caller who has blotted the given facts out in `own`."""
    lower = own.lower().replace("ё", "е").replace("’", "'")
    return Judged(
        raw=text,
        own=own,
        lower=lower,
        sentences=tuple(BETWEEN.split(lower)),
        facts=facts,
        wording=wording,
    )
