"""What is written to a client: the tone, the template, the words.

`write` never fails and is deterministic; `problems` judges any text, whoever wrote it.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from vernis.decide.writing.checks import Problem, passes, problems
from vernis.decide.writing.templates import Template, render, templates
from vernis.decide.writing.wording import Wording, slots, visit, word
from vernis.domain import Address, Band, Campaign, Draft, Locale, MessageFacts

__all__ = ["Problem", "band_for", "campaign_for", "problems", "write"]

# What goes where a message is too long, in this order: how many of the free times are said, and
# which slots are not.
STAFF = frozenset({"staff", "staff_gen"})
SERVICE = STAFF | {"service"}
SAID: tuple[tuple[int, frozenset[str]], ...] = (
    *((times, drop) for drop in (frozenset[str](), STAFF) for times in (3, 2)),
    (1, frozenset()),
    (1, STAFF),
    (2, SERVICE),
    (1, SERVICE),
    (0, frozenset()),
    (0, STAFF),
    (0, SERVICE),
)
PLAIN = {
    (Locale.RU, Address.VY): "[{name}, ]здравствуйте! [Это {company}. ]| Записать вас на визит?",
    (Locale.RU, Address.TY): "[{name}, ]привет! [Это {company}. ]| Записать тебя на визит?",
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
        if passes(text, facts, wording):
            return Draft(text=text, template=template)
    plain = PLAIN[facts.locale, facts.address]
    text = render(plain, slots(wording, facts.locale), wording.opt_out)
    return Draft(text=text, template=f"{facts.locale}-plain")


def _candidates(facts: MessageFacts, wording: Wording) -> Iterator[tuple[str, str]]:
    """Template ids and texts, the best first: least used, with the offer, with the most said."""
    for _, group in groupby(_in_order(facts), key=lambda pair: pair[0]):
        alike = [template for _, template in group]
        for offered in (True, False) if wording.offer is not None else (False,):
            for template in alike:
                for text in _versions(template, facts, wording, offered=offered):
                    yield template.id, text


def _versions(
    template: Template, facts: MessageFacts, wording: Wording, *, offered: bool
) -> Iterator[str]:
    """One template with all that is known, then with less and less."""
    known = slots(wording, facts.locale)
    if not offered:
        known = {k: v for k, v in known.items() if k not in {"offer", "offer_acc"}}
    form = facts.locale, facts.address, wording.gender
    for count, drop in SAID:
        leaves_out_nothing = drop and not drop & known.keys()
        if count > len(wording.times) or leaves_out_nothing:
            continue
        said = {k: v for k, v in known.items() if k not in drop}
        if "service" in drop:
            said["visit"] = visit(None, facts.locale)
        if count:
            said["times"] = wording.times[len(wording.times) - count]
            text = template.with_times(*form, count)
        else:
            said["no_times"] = ""
            text = template.text(*form)
        yield render(text, said, wording.opt_out)


def _in_order(facts: MessageFacts) -> list[tuple[int, Template]]:
    """Those of the band and tone with how often the client got each, least first, then by seed."""
    used = Counter(facts.used_templates)
    found = templates(facts.locale)[facts.band, facts.tone]
    start = zlib.crc32(str(facts.seed).encode()) % len(found)
    turned = found[start:] + found[:start]
    return sorted(((used[t.id], t) for t in turned), key=lambda pair: pair[0])
