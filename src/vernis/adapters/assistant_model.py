"""The assistant that asks a language model about a turn: its seconds are few, for a client waits.

One model after the other, each within its share of the seconds that are left; the budget, the
pauses and the prices are those of `model_budget`.
"""

import asyncio
import importlib
import logging
import time
from collections.abc import Sequence

from vernis.adapters.model_budget import Budget, Refused
from vernis.adapters.model_providers import ModelError, Provider
from vernis.config import ModelSettings
from vernis.decide.reception.turn_prompt import Labels, prompt_for, proposal_of
from vernis.decide.writing.model_health import Outcome, sentence
from vernis.domain import Company
from vernis.ports import LookUp
from vernis.turns import Proposal, TurnFacts

logger = logging.getLogger(__name__)

PURPOSE = " reception"
SLACK = 0.3  # seconds that are kept for noting what a request came to


class ModelAssistant:
    """Implements `vernis.ports.Assistant` by language models, in the order given."""

    def __init__(
        self, models: Sequence[ModelSettings], budget: Budget, *, seconds: float, speaks: bool
    ) -> None:
        self.speaks = speaks
        self._providers = [Provider(one, purpose=PURPOSE) for one in models]
        self._budget = budget
        self._seconds = seconds

    async def propose(self, company: Company, facts: TurnFacts, look_up: LookUp) -> Proposal:
        until = time.monotonic() + self._seconds
        why: list[str] = []
        try:
            async with asyncio.timeout(self._seconds):
                for place, provider in enumerate(self._providers):
                    share = (until - time.monotonic()) / (len(self._providers) - place)
                    ends = time.monotonic() + max(share - SLACK, share / 2)
                    try:
                        return await self._ask(provider, company, facts, look_up, until=ends)
                    except Refused as refused:
                        why.append(refused.why)
                    except ModelError as error:
                        slow = error.outcome is Outcome.TIMEOUT
                        why.append("slow" if slow else "unavailable")
                        logger.warning("%s", sentence(provider.name, error.outcome))
                    # a database that is away, a library's surprise: the turn goes on without
                    except Exception as error:
                        why.append("unavailable")
                        logger.warning("model %s: %s", provider.name, type(error).__name__)
        except TimeoutError:
            why.insert(0, "slow")
        return Proposal(failed=next(iter(why), "unavailable"))

    async def aclose(self) -> None:
        for provider in self._providers:
            await provider.aclose()

    async def _ask(
        self,
        provider: Provider,
        company: Company,
        facts: TurnFacts,
        look_up: LookUp,
        *,
        until: float,
    ) -> Proposal:
        model = await provider.loaded()
        # two seconds of imports must not stop a worker's heart
        agents = await asyncio.to_thread(importlib.import_module, "vernis.adapters.model_agent")
        labels = Labels(facts)
        prompt = prompt_for(facts, labels, speaks=self.speaks)
        metered = agents.Metered(
            model, provider=provider, budget=self._budget, company=company, until=until
        )
        said = await agents.run(
            metered,
            prompt,
            labels,
            look_up if self.speaks else None,
            output=provider.settings.output,
        )
        return proposal_of(said, labels, model=provider.name, speaks=self.speaks)
