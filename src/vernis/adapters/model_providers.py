"""One language model behind one address: a prompt in, typed messages out, once.

Everything that can go wrong becomes a ModelError with an `Outcome`. No text, prompt or body of an
answer is in an error or a log line.
"""

import asyncio
import hashlib
import importlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vernis import tracing
from vernis.config import ModelSettings
from vernis.decide.writing.model_cost import cost, most_input_tokens, most_output_tokens
from vernis.decide.writing.model_health import Outcome
from vernis.decide.writing.prompt import Message, Messages, Prompt, read

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.exceptions import ModelAPIError
    from pydantic_ai.messages import ModelRequest, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings as ModelLimits

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
# They log whole requests, prompts included.
TALKATIVE = ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "google_genai", "pydantic_ai")


class ModelError(Exception):
    """The model gave nothing that can be used.

    `micro_usd` is what the request cost all the same, None where only the provider knows.
    """

    def __init__(
        self, outcome: Outcome, *, retry_after: float | None = None, micro_usd: int | None = 0
    ) -> None:
        super().__init__(f"the model: {outcome}")
        self.outcome = outcome
        self.retry_after = retry_after
        self.micro_usd = micro_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, at least one message, and its cost in millionths of a US dollar."""

    messages: Sequence[Message]
    micro_usd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came back, whatever it says, and its cost in millionths of a US dollar."""

    response: "ModelResponse"
    micro_usd: int


class Provider:
    """A configured model. Nothing of the library is loaded before the first question.

    `purpose` keeps its pauses apart from those of the same model asked for something else, with
    other patience; requests and money are shared.
    """

    def __init__(self, settings: ModelSettings, *, purpose: str = "") -> None:
        self.settings = settings
        self.name = settings.model
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        where = f"{settings.kind} {settings.base_url or ''}"
        self.key_hash = _hashed(key or where)
        self.model_hash = _hashed(f"{where} {settings.model} {key}{purpose}")
        self._loading = asyncio.Lock()
        self._model: Model | None = None
        self._client: httpx2.AsyncClient | None = None

    def most_micro_usd(self, prompt: Prompt, count: int) -> int:
        """The most that a request for `count` messages can cost."""
        return self.cost(most_input_tokens(prompt), most_output_tokens(count))

    async def ask(self, prompt: Prompt, count: int) -> Answer:
        """Send one request for `count` messages. Raises ModelError."""
        question, form = _question(prompt), _form(self.settings.output)

        async def request(model: "Model") -> "ModelResponse":
            from pydantic_ai.direct import model_request

            limit: ModelLimits = {"max_tokens": most_output_tokens(count)}
            return await model_request(
                model, [question], model_settings=limit, model_request_parameters=form
            )

        received = await self.receive(request, seconds=self.settings.timeout_seconds)
        messages = read(_said(received.response))
        if not messages:
            raise ModelError(Outcome.NONSENSE, micro_usd=received.micro_usd or None)
        return Answer(messages=messages, micro_usd=received.micro_usd)

    async def receive(
        self, request: "Callable[[Model], Awaitable[ModelResponse]]", *, seconds: float
    ) -> Received:
        """Make one request and wait so long for it. Raises ModelError."""
        with tracing.span("model.call", model=self.name) as span:
            try:
                received = await self._receive(request, seconds)
            except ModelError as error:
                span.set(outcome=error.outcome.value)
                raise
            span.set(outcome=Outcome.WORKS.value)
        return received

    async def _receive(
        self, request: "Callable[[Model], Awaitable[ModelResponse]]", seconds: float
    ) -> Received:
        model = await self.loaded()
        from pydantic_ai.exceptions import ModelAPIError

        try:
            async with asyncio.timeout(seconds):
                response = await request(model)
        except TimeoutError:
            raise ModelError(Outcome.TIMEOUT, micro_usd=None) from None
        except ModelAPIError as error:
            raise _judged(error, behind_proxy=self.settings.proxy is not None) from None
        except Exception as error:  # an answer that is none, in whatever way the library says it
            logger.info("model %s: %s", self.name, type(error).__name__)
            raise ModelError(Outcome.NONSENSE, micro_usd=None) from None
        usage = response.usage
        micro_usd = self.cost(usage.input_tokens, usage.output_tokens)
        return Received(response=response, micro_usd=micro_usd)

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def cost(self, input_tokens: int, output_tokens: int) -> int:
        """In millionths of a US dollar."""
        prices = self.settings
        return cost(
            input_tokens,
            output_tokens,
            input_price=prices.input_price,
            output_price=prices.output_price,
        )

    async def loaded(self) -> "Model":
        """The library's model, loaded where it is not."""
        async with self._loading:
            if self._model is None:
                # two seconds of imports must not stop a worker's heart
                await asyncio.to_thread(importlib.import_module, _MODULES[self.settings.kind])
                for name in TALKATIVE:
                    logging.getLogger(name).setLevel(logging.WARNING)
                self._client = _http_client(self.settings)
                self._model = _model(self.settings, self._client)
            return self._model


_MODULES = {"gemini": "pydantic_ai.models.google", "openai": "pydantic_ai.models.openai"}


def _hashed(text: str) -> bytes:
    return hashlib.sha256(b"vernis model " + text.encode()).digest()


def _http_client(settings: ModelSettings) -> "httpx2.AsyncClient":
    import httpx2

    timeout = httpx2.Timeout(
        settings.timeout_seconds, connect=min(CONNECT_SECONDS, settings.timeout_seconds)
    )
    if settings.proxy is None:
        return httpx2.AsyncClient(timeout=timeout)
    return httpx2.AsyncClient(
        timeout=timeout, proxy=settings.proxy.get_secret_value(), trust_env=False
    )


def _question(prompt: Prompt) -> "ModelRequest":
    from pydantic_ai.messages import ModelRequest

    return ModelRequest.user_text_prompt(prompt.user, instructions=prompt.system)


@cache
def _form(output: str) -> "ModelRequestParameters":
    """How the model is made to answer in JSON. Nothing is added to the prompt for it."""
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    schema = Messages.model_json_schema()
    if output == "tool":
        tool = ToolDefinition(name="messages", parameters_json_schema=schema, kind="output")
        return ModelRequestParameters(
            output_mode="tool", output_tools=[tool], allow_text_output=False
        )
    form = OutputObjectDefinition(name="messages", json_schema=schema)
    if output == "native":
        return ModelRequestParameters(output_mode="native", output_object=form)
    return ModelRequestParameters(
        output_mode="prompted", output_object=form, prompted_output_template=False
    )


def _said(response: "ModelResponse") -> str:
    """The words of the answer, or what the tool was called with."""
    calls = [call.args_as_json_str() for call in response.tool_calls]
    return (calls[0] if calls else response.text) or ""


def _model(settings: ModelSettings, client: "httpx2.AsyncClient") -> "Model":
    key = settings.api_key.get_secret_value() if settings.api_key else None
    if settings.kind == "gemini":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        google = GoogleProvider(api_key=key, http_client=client, base_url=settings.base_url)
        return GoogleModel(settings.model, provider=google, settings={"thinking": False})
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    # retries are ours: each has to pass the budget
    sdk = AsyncOpenAI(
        api_key=key or "none", base_url=settings.base_url, http_client=client, max_retries=0
    )
    if settings.base_url is None:
        return OpenAIChatModel(settings.model, provider=OpenAIProvider(openai_client=sdk))
    compatible = OpenAICompatibleProvider("compatible", openai_client=sdk)
    return OpenAIChatModel(settings.model, provider=compatible)


def _judged(error: "ModelAPIError", *, behind_proxy: bool) -> ModelError:
    """What an error of the library comes to. An answer with an error's status costs nothing."""
    from pydantic_ai import exceptions as raised

    retry_after = error.retry_after
    match error:
        case raised.ModelAuthenticationError():
            return ModelError(Outcome.WRONG_KEY)
        case raised.ModelNotFoundError():
            return ModelError(Outcome.UNKNOWN_MODEL)
        case raised.ModelQuotaExceededError():
            return ModelError(Outcome.QUOTA, retry_after=retry_after)
        case raised.ModelRateLimitError():
            return ModelError(Outcome.RATE_LIMITED, retry_after=retry_after)
        case raised.ModelRequestRejectedError():
            is_location = "location is not supported" in str(error.body).lower()
            return ModelError(Outcome.LOCATION if is_location else Outcome.REJECTED)
        case raised.ModelTimeoutError():
            return ModelError(Outcome.TIMEOUT, micro_usd=0 if error.phase == "connect" else None)
        case raised.ModelConnectionError():
            is_unsent = error.phase == "connect" or _says_proxy(error)
            if _says_proxy(error) or (behind_proxy and is_unsent):
                return ModelError(Outcome.PROXY_REFUSED)
            return ModelError(Outcome.UNREACHABLE, micro_usd=0 if is_unsent else None)
    return ModelError(Outcome.SERVER_ERROR, retry_after=retry_after)


def _says_proxy(error: BaseException | None) -> bool:
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if "Proxy" in type(error).__name__:
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False
