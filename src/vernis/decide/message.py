"""What is written to a client: the tone, the template, the words.

`write` never fails and is deterministic; `problems` judges any text, whoever wrote it.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from vernis.decide.checks import Problem, failed, problems
from vernis.decide.templates import Template, render, templates
from vernis.decide.wording import Wording, slots, visit, word
from vernis.domain import Address, Band, Campaign, Draft, Locale, MessageFacts

__all__ = ["Problem", "band_for", "campaign_for", "problems", "write"]

# What goes first where a message is too long.
DROPS: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"staff", "staff_gen"}),
    frozenset({"staff", "staff_gen", "service"}),
)
PLAIN = {
    (Locale.RU, Address.VY): "[{name}, ]здравствуйте! [Это {company}. ]| Записать вас?",
    (Locale.RU, Address.TY): "[{name}, ]привет! [Это {company}. ]| Записать тебя?",
    (Locale.EN, Address.VY): "Hi[ {name}][, it's {company}]! | Shall we book you in?",
    (Locale.EN, Address.TY): "Hi[ {name}][, it's {company}]! | Shall we book you in?",
}


def campaign_for(inactive_days: int) -> Campaign:
    """Under 45 days, under 75, longer."""
    if inactive_days < 45:
        return Campaign.DORMANT_30
    return Campaign.DORMANT_60 if inactive_days < 75 else Campaign.DORMANT_90


def band_for(inactive_days: int) -> Band:
    """The tone, by the same bands as the campaign."""
    if inactive_days < 45:
        return Band.GENTLE
    return Band.OFFER if inactive_days < 75 else Band.WIN_BACK


def write(facts: MessageFacts) -> Draft:
    """A message by template: the same facts and seed give the same text. Never raises."""
    wording = word(facts)
    for template, text in _candidates(facts, wording):
        if not failed(text, facts, wording):
            return Draft(text=text, template=template)
    plain = PLAIN[facts.locale, facts.address]
    text = render(plain, slots(wording, facts.locale), wording.opt_out)
    return Draft(text=text, template=f"{facts.locale}-plain")


def _candidates(facts: MessageFacts, wording: Wording) -> Iterator[tuple[str, str]]:
    """Template ids and texts, the best first: least used, with the offer, with the most said."""
    known = slots(wording, facts.locale)
    for _, group in groupby(_in_order(facts), key=lambda pair: pair[0]):
        alike = [template for _, template in group]
        for offered in (True, False) if wording.offer is not None else (False,):
            for template in alike:
                text = template.text(facts.locale, facts.address, wording.gender)
                for drop in DROPS:
                    said = {k: v for k, v in known.items() if k not in drop}
                    if not offered:
                        said = {k: v for k, v in said.items() if k not in {"offer", "offer_acc"}}
                    if "service" in drop:
                        said["visit"] = visit(None, facts.locale)
                    yield template.id, render(text, said, wording.opt_out)


def _in_order(facts: MessageFacts) -> list[tuple[int, Template]]:
    """The band's templates with how often the client got each, least first, turned by the seed."""
    used = Counter(facts.used_templates)
    found = templates(facts.locale)[facts.band]
    start = zlib.crc32(str(facts.seed).encode()) % len(found)
    turned = found[start:] + found[:start]
    return sorted(((used[t.id], t) for t in turned), key=lambda pair: pair[0])
