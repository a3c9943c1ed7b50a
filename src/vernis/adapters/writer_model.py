"""The writer that asks a language model: several clients a request, requests side by side.

A text that fails the checks goes back once, all of them together; whatever is not right then is
written by template. Whoever waits for the texts never waits for a budget, and never longer than
`PATIENCE`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vernis.adapters.model_budget import Budget, Refused
from vernis.adapters.model_providers import ModelError, Provider
from vernis.decide.writing import message
from vernis.decide.writing.model_health import WORTH_A_RETRY, sentence
from vernis.decide.writing.prompt import (
    Prompt,
    Rejected,
    filled,
    problems,
    prompt_for,
    repair_for,
    texts_by_position,
)
from vernis.domain import Company, Draft, MessageFacts

logger = logging.getLogger(__name__)

# 100 clients take five requests, and no more than five again where every text has to be repaired.
BATCH = 20
AT_ONCE = 8
TRIES = 3
# Seconds. A pause longer than this is left to whoever is asked next, and at last to a template.
LONGEST_WAIT = 5.0
BACKOFF = 0.5
PATIENCE = 90.0


@dataclass(slots=True, kw_only=True)
class _Item:
    """One client on the way: the newest text of the model, and what is wrong with it."""

    facts: MessageFacts
    text: str | None = field(default=None, repr=False)
    model: str | None = None
    problems: tuple[str, ...] = ("missing",)
    why: str | None = None  # no model answered: why not


class ModelWriter:
    """Implements `vernis.ports.Writer` by language models, in the order given, then templates."""

    def __init__(self, providers: Sequence[Provider], budget: Budget) -> None:
        self._providers = providers
        self._budget = budget
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def write(self, company: Company, facts: Sequence[MessageFacts]) -> list[Draft]:
        items = [_Item(facts=one) for one in facts]
        try:
            async with asyncio.timeout(PATIENCE):
                await self._fill(items, company)
                wrong = [item for item in items if item.problems and item.why is None]
                await self._fill(wrong, company)
        except TimeoutError:
            logger.warning("the models took too long: templates stand in")
        return [_draft(item) for item in items]

    async def aclose(self) -> None:
        for provider in self._providers:
            await provider.aclose()

    async def _fill(self, items: Sequence[_Item], company: Company) -> None:
        """Ask for a text for each of these, or for a better one."""
        async with asyncio.TaskGroup() as group:
            for at in range(0, len(items), BATCH):
                group.create_task(self._fill_batch(items[at : at + BATCH], company))

    async def _fill_batch(self, batch: Sequence[_Item], company: Company) -> None:
        prompt = _prompt(batch, company)
        why: list[str] = []
        for provider in self._providers:
            try:
                texts = await self._ask(provider, prompt, len(batch), company)
            except Refused as refused:
                why.append(refused.why)
            except ModelError as error:
                why.append("unavailable")
                logger.warning("%s", sentence(provider.name, error.outcome))
            # a database that is away, a library's surprise: messages are written all the same
            except Exception as error:
                why.append("unavailable")
                logger.warning("model %s: %s", provider.name, type(error).__name__)
            else:
                _take(batch, texts, provider.name)
                return
        for item in batch:
            item.why = next(iter(why), "unavailable")

    async def _ask(
        self, provider: Provider, prompt: Prompt, count: int, company: Company
    ) -> dict[int, str]:
        """The texts by position. Raises Refused or ModelError after the last try."""
        for tries in range(1, TRIES + 1):
            try:
                async with self._slots:
                    answer = await self._budget.ask(provider, prompt, count, company)
                return texts_by_position(answer.messages, count)
            except Refused as refused:
                wait = refused.wait
                if tries == TRIES or not 0 < wait <= LONGEST_WAIT:
                    raise
            except ModelError as error:
                wait = error.retry_after or BACKOFF * tries
                if tries == TRIES or error.outcome not in WORTH_A_RETRY or wait > LONGEST_WAIT:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")


def _prompt(batch: Sequence[_Item], company: Company) -> Prompt:
    if all(item.text is None for item in batch):
        return prompt_for([item.facts for item in batch], company)
    rejected = [Rejected(facts=i.facts, text=i.text, problems=i.problems) for i in batch]
    return repair_for(rejected, company)


def _take(batch: Sequence[_Item], texts: dict[int, str], model: str) -> None:
    """Keep what came, judged; a client without a text keeps what was there before."""
    for at, text in texts.items():
        item = batch[at]
        others = [other.facts for other in batch if other is not item]
        item.text, item.model = text, model
        item.problems = tuple(problems(text, item.facts, others))


def _draft(item: _Item) -> Draft:
    if item.text is not None and not item.problems:
        return Draft(text=filled(item.text, item.facts), model=item.model)
    why = ", ".join(item.problems) if item.text is not None else item.why
    return replace(message.write(item.facts), fallback=why or "unavailable")
