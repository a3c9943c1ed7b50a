"""How a client takes a message: silence, a reply, a call, and what is said after that."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

from vernis.domain import Intent
from vernis.simulation import figures, phrases
from vernis.simulation.clients import Client, Lapse, Life
from vernis.simulation.events import Offered, Standing

_MENTIONS_OFFER = re.compile(r"%|скидк|подар|бонус", re.IGNORECASE)
_SUITS_HOURS = 2.5


class Stage(StrEnum):
    """What a client expects from the dialog."""

    WANTS = "wants"  # times to choose from
    ASKED = "asked"  # an answer, then perhaps times
    CHOSE = "chose"  # a confirmation
    BOOKED = "booked"
    REFUSED = "refused"  # nothing: said no, later, wrong number or is booked already
    OVER = "over"


OPEN = frozenset({Stage.WANTS, Stage.ASKED, Stage.CHOSE})


@dataclass(slots=True)
class Talk:
    """A dialog as the client sees it."""

    stage: Stage
    since: datetime  # when the client last wrote, or was first written to
    rounds: int = 0
    chosen: Offered | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What a client does: writes `text`, or calls the salon where there is none."""

    text: str | None
    meaning: Intent
    stage: Stage
    chosen: Offered | None = None


def standing(client: Client, life: Life, now: datetime, zone: ZoneInfo) -> Standing:
    """The hidden truth that decides how welcome a message is."""
    if life.ahead:
        return Standing.BOOKED
    away = (now.astimezone(zone).date() - life.last_visit).days if life.last_visit else 0
    if away < figures.EARLY * client.habits[0].rhythm_days:
        return Standing.EARLY
    if life.wish and life.wish.calls_at - now < timedelta(days=figures.READY_DAYS):
        return Standing.READY
    if life.lapse is Lapse.MOVED:
        return Standing.MOVED
    if life.lapse is Lapse.ELSEWHERE:
        return Standing.ELSEWHERE
    return Standing.SLIPPED if life.lapse else Standing.DUE


def first_reaction(
    client: Client, life: Life, where: Standing, text: str, rng: Random
) -> Reaction | None:
    """How a reactivation message is taken; None is silence. `life` counts it not yet."""
    noticed, roll, wording = rng.random(), rng.random(), rng.random()
    if not client.on_whatsapp or noticed > figures.NOTICES:
        return None
    interest = client.eager * figures.FATIGUE**life.messages
    if _MENTIONS_OFFER.search(text):
        interest *= figures.OFFER_LIFT
    annoyance = figures.IRRITATION**life.messages
    for outcome, chance in figures.REACTIONS[where].items():
        if outcome in {Intent.BOOK, Intent.QUESTION, figures.CALL, Intent.LATER}:
            weight = interest
        else:
            weight = annoyance if outcome in {Intent.OPT_OUT, Intent.COMPLAINT} else 1.0
        roll -= chance * weight
        if roll < 0:
            return _opening(outcome, client, wording, rng)
    return None


def next_reaction(
    client: Client, talk: Talk, offered: Sequence[Offered], zone: ZoneInfo, rng: Random
) -> Reaction | None:
    """How an answer is taken; `offered` are the times in it. Changes nothing."""
    if talk.stage not in OPEN:
        return _closes(client, talk, rng, offered=bool(offered))
    if talk.stage is Stage.CHOSE and talk.chosen and not talk.repeated:
        return _insists(client, talk.chosen, offered, zone, rng)
    if talk.stage is Stage.CHOSE:
        return _vanishes(rng)
    if offered:
        return _looks(client, talk, offered, zone, rng)
    if talk.stage is Stage.ASKED and rng.random() < figures.BOOKS_AFTER_ANSWER:
        return _says(phrases.AFTER_ANSWER, Intent.BOOK, Stage.WANTS, client, rng)
    if talk.stage is Stage.ASKED or talk.rounds:
        return _vanishes(rng)
    text = phrases.wished(phrases.WISH, client, rng)
    return Reaction(text=text, meaning=Intent.BOOK, stage=Stage.WANTS)


def spoke(talk: Talk, reaction: Reaction) -> None:
    """What a dialog is after the client did this."""
    talk.repeated = talk.stage is Stage.CHOSE and reaction.stage is Stage.CHOSE
    talk.rounds += reaction.stage is Stage.WANTS and talk.stage is Stage.WANTS
    talk.stage, talk.chosen = reaction.stage, reaction.chosen


def delay(rng: Random, median_and_sigma: tuple[float, float]) -> timedelta:
    """Minutes to two days."""
    median, sigma = median_and_sigma
    return timedelta(minutes=min(median * math.exp(sigma * rng.gauss(0, 1)), 2880) + 0.2)


def awake(at: datetime, zone: ZoneInfo, rng: Random) -> datetime:
    """The same moment, or the next morning where it is night."""
    local = at.astimezone(zone)
    first, last = figures.AWAKE
    if first <= local.hour < last:
        return at
    day = local.date() + timedelta(days=1 if local.hour >= last else 0)
    morning = datetime.combine(day, time(first, rng.randrange(60)), tzinfo=zone)
    return morning.astimezone(at.tzinfo)


def _opening(outcome: Intent | str, client: Client, wording: float, rng: Random) -> Reaction:
    if not isinstance(outcome, Intent):
        return Reaction(text=None, meaning=Intent.BOOK, stage=Stage.OVER)
    stage = {Intent.BOOK: Stage.WANTS, Intent.QUESTION: Stage.ASKED}.get(outcome, Stage.REFUSED)
    if outcome is Intent.NEUTRAL:
        stage = Stage.OVER
    if outcome is Intent.BOOK and wording < figures.STATES_WISH:
        text = phrases.wished(phrases.WISH, client, rng)
    else:
        text = phrases.typed(rng.choice(phrases.FIRST[outcome]), client, rng)
    return Reaction(text=text, meaning=outcome, stage=stage)


def _closes(client: Client, talk: Talk, rng: Random, *, offered: bool) -> Reaction | None:
    roll = rng.random()
    if talk.stage is Stage.BOOKED and roll < figures.THANKS:
        return _says(phrases.THANKS, Intent.NEUTRAL, Stage.OVER, client, rng)
    if talk.stage is Stage.REFUSED and offered and roll < figures.PROTESTS:
        return _says(phrases.PROTEST, Intent.DECLINE, Stage.OVER, client, rng)
    return None


def _looks(
    client: Client, talk: Talk, offered: Sequence[Offered], zone: ZoneInfo, rng: Random
) -> Reaction | None:
    suits = [_suits(client, one.starts_at.astimezone(zone)) for one in offered]
    best = max(suits)
    if rng.random() < figures.TAKES[best]:
        index = suits.index(best)
        return Reaction(
            text=phrases.choice(offered, index, client, zone, rng),
            meaning=Intent.BOOK,
            stage=Stage.CHOSE,
            chosen=offered[index],
        )
    if talk.rounds + 1 < figures.ROUNDS and rng.random() < figures.ASKS_OTHERS:
        text = phrases.wished(phrases.OTHERS, client, rng)
        return Reaction(text=text, meaning=Intent.BOOK, stage=Stage.WANTS)
    return _vanishes(rng)


def _suits(client: Client, at: datetime) -> int:
    hour = at.hour + at.minute / 60
    return (at.isoweekday() in client.weekdays) + (abs(hour - client.hour) <= _SUITS_HOURS)


def _insists(
    client: Client, chosen: Offered, offered: Sequence[Offered], zone: ZoneInfo, rng: Random
) -> Reaction | None:
    if rng.random() >= figures.REPEATS_CHOICE:
        return _vanishes(rng)
    if offered and chosen not in offered:
        index = max(
            range(len(offered)),
            key=lambda n: _suits(client, offered[n].starts_at.astimezone(zone)),
        )
        text = phrases.choice(offered, index, client, zone, rng)
        chosen = offered[index]
    else:
        text = phrases.choice((chosen,), 0, client, zone, rng, clearly=True)
    return Reaction(text=text, meaning=Intent.BOOK, stage=Stage.CHOSE, chosen=chosen)


def _says(
    choices: Sequence[str], meaning: Intent, stage: Stage, client: Client, rng: Random
) -> Reaction:
    text = phrases.typed(rng.choice(choices), client, rng)
    return Reaction(text=text, meaning=meaning, stage=stage)


def _vanishes(rng: Random) -> Reaction | None:
    """Stops answering; some call the salon instead."""
    if rng.random() < figures.CALLS_LATER:
        return Reaction(text=None, meaning=Intent.BOOK, stage=Stage.OVER)
    return None
