"""A language model as an agent over one turn: it may look times up, and notes what it proposes.

Nothing is done inside its run: a tool reads what code lets it read, or writes a note. Loaded only
where a turn is given to a model: the library takes seconds to import.
"""

import json
import time
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_ai import (
    Agent,
    NativeOutput,
    PromptedOutput,
    RunContext,
    ToolOutput,
    UsageLimits,
)
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from vernis.adapters.model_budget import Budget
from vernis.adapters.model_providers import ModelError, Provider, Received
from vernis.decide.reception.turn_prompt import Labels
from vernis.decide.writing.model_health import Outcome
from vernis.decide.writing.prompt import Prompt
from vernis.domain import Company, FreeTime
from vernis.ports import LookUp
from vernis.turns import Act

STEPS, TOOL_CALLS = 4, 6  # of one turn
MOST_OUTPUT = 1_000  # tokens of one step
MOST_TOKENS = 40_000  # of one turn, both ways


class Reading(BaseModel):
    """How the client's last words are understood."""

    intent: str | None = None
    topic: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    first_hour: str | None = None
    last_hour: str | None = None
    choice: int | None = None


class Answer(Reading):
    """How the client's last words are understood, what to do, and what to say."""

    action: str | None = None
    times: list[str] | None = None
    booking: str | None = None
    on: str | None = None
    about: str | None = None
    text: str | None = None


class Metered(WrapperModel):
    """A model each of whose requests passes the budget and ends by `until` (monotonic seconds)."""

    def __init__(
        self, model: Model, *, provider: Provider, budget: Budget, company: Company, until: float
    ) -> None:
        super().__init__(model)
        self._source, self._budget, self._company = provider, budget, company
        self._until = until

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        async def request(model: Model) -> ModelResponse:
            return await model.request(messages, model_settings, model_request_parameters)

        async def receive() -> Received:
            left = max(0.0, self._until - time.monotonic())
            return await self._source.receive(request, seconds=left)

        most = self._source.cost(_tokens(messages, model_request_parameters), MOST_OUTPUT)
        received = await self._budget.within(self._source, self._company, most, receive)
        return received.response


def _tokens(messages: list[ModelMessage], parameters: ModelRequestParameters) -> int:
    """No text has more tokens than bytes."""
    tools = [*parameters.function_tools, *parameters.output_tools]
    schemas = sum(len(json.dumps(tool.parameters_json_schema)) + 500 for tool in tools)
    return len(ModelMessagesTypeAdapter.dump_json(messages)) + schemas + 500


async def run(
    model: Metered, prompt: Prompt, labels: Labels, look_up: LookUp | None, *, output: str
) -> dict[str, Any]:
    """What the model makes of a turn, as `turn_prompt` reads it.

    With `look_up` it acts and speaks, without it reads. Raises Refused or ModelError.
    """
    notes = Notes(labels, look_up)
    limits = UsageLimits(
        request_limit=STEPS, tool_calls_limit=TOOL_CALLS, total_tokens_limit=MOST_TOKENS
    )
    try:
        result = await _agent(output, acts=look_up is not None).run(
            prompt.user,
            model=model,
            instructions=prompt.system,
            deps=notes,
            usage_limits=limits,
            infer_name=False,
        )
    except (AgentRunError, UserError):
        raise ModelError(Outcome.NONSENSE, micro_usd=None) from None
    return notes.merged(result.output.model_dump())


@cache
def _agent(output: str, *, acts: bool) -> "Agent[Notes, Any]":
    """Made once: the schemas of its tools cost much. What is of a turn is passed to `run`."""
    with_tools = acts and output != "prompted"  # which is for models without
    return Agent(
        deps_type=Notes,
        output_type=_form(Answer if acts else Reading, output, with_tools=with_tools),
        tools=(free_times, prices, schedule, book, reschedule, cancel) if with_tools else (),
        model_settings={"max_tokens": MOST_OUTPUT},
        retries=1,
        end_strategy="early",
    )


def _form(form: type[Reading], output: str, *, with_tools: bool) -> Any:
    if output == "prompted":
        return PromptedOutput(form, name="answer")
    if output == "native" and not with_tools:
        return NativeOutput(form, name="answer")
    return ToolOutput(form, name="answer")


class Notes:
    """What a turn's tools read, and what they note."""

    def __init__(self, labels: Labels, look_up: LookUp | None) -> None:
        self.labels, self.look_up = labels, look_up
        self._noted: list[dict[str, Any]] = []

    def add(self, act: Act, **what: Any) -> str:
        note = {"action": act.value, "times": [], "booking": None} | what
        if note not in self._noted:
            self._noted.append(note)
        return "noted; it is done only if the client has agreed to it"

    def merged(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, with the action that was noted where it names none; `several` where they
        are not one."""
        proposed = [note["action"] for note in self._noted]
        said = str(answer.get("action") or "").strip().lower()
        if len(proposed) > 1 or (proposed and said not in {"", "null", "none", proposed[0]}):
            return answer | {"several": True}
        if proposed and not answer.get("times") and not answer.get("booking"):
            return answer | self._noted[0]
        return answer


# --- the tools: two kinds, to read and to note ---------------------------------------------------


async def free_times(turn: RunContext[Notes], first_day: str, last_day: str) -> list[str]:
    """Free times of the service that is talked about, on days YYYY-MM-DD, both included."""
    look_up, labels = turn.deps.look_up, turn.deps.labels
    assert look_up is not None
    try:
        days = date.fromisoformat(first_day.strip()), date.fromisoformat(last_day.strip())
    except ValueError:
        return ["days are written YYYY-MM-DD"]
    found: Sequence[FreeTime] = await look_up(*days)
    return labels.add(found) or ["nothing is free"]


async def prices(turn: RunContext[Notes]) -> list[str]:
    """Services with their prices and minutes."""
    services = turn.deps.labels.facts.services
    return [f"{one.said} ({one.minutes} min)" if one.minutes else one.said for one in services]


async def schedule(turn: RunContext[Notes]) -> list[str]:
    """Opening hours, who works, and the client's own bookings."""
    labels = turn.deps.labels
    return [*labels.facts.facts.values(), *labels.own()]


async def book(turn: RunContext[Notes], time: str) -> str:
    """Propose to book this free time (a label) for the client."""
    return turn.deps.add(Act.BOOK, times=[time])


async def reschedule(turn: RunContext[Notes], booking: str, time: str | None = None) -> str:
    """Propose to move the client's booking (a label) to a free time (a label), or ask when."""
    return turn.deps.add(Act.MOVE, booking=booking, times=[time] if time else [])


async def cancel(turn: RunContext[Notes], booking: str) -> str:
    """Propose to cancel the client's booking (a label)."""
    return turn.deps.add(Act.CANCEL, booking=booking)
