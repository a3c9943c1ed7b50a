"""One language model behind one address: a prompt in, typed messages out, once.

Everything that can go wrong becomes a ModelError with an `Outcome`. No text, prompt or body of an
answer is in an error or a log line.
"""

import asyncio
import hashlib
import importlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vernis.config import ModelSettings
from vernis.decide.model_cost import cost, most_input_tokens, most_output_tokens
from vernis.decide.model_health import Outcome
from vernis.decide.prompt import Messages, Prompt

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai import Agent
    from pydantic_ai.exceptions import ModelAPIError
    from pydantic_ai.models import Model

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
    """What came back, and what it cost in millionths of a US dollar."""

    messages: Messages
    micro_usd: int


class Provider:
    """A configured model. Nothing of the library is loaded before the first question."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self.name = settings.model
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        where = f"{settings.kind} {settings.base_url or ''}"
        self.key_hash = _hashed(key or where)
        self.model_hash = _hashed(f"{where} {settings.model} {key}")
        self._loading = asyncio.Lock()
        self._agent: Agent[object, Messages] | None = None
        self._client: httpx2.AsyncClient | None = None

    def most_micro_usd(self, prompt: Prompt, count: int) -> int:
        """The most that a request for `count` messages can cost."""
        return self._cost(most_input_tokens(prompt), most_output_tokens(count))

    async def ask(self, prompt: Prompt, count: int) -> Answer:
        """Send one request for `count` messages. Raises ModelError."""
        agent = await self._loaded()
        from pydantic_ai.exceptions import ModelAPIError
        from pydantic_ai.usage import RunUsage

        usage = RunUsage()
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                result = await agent.run(
                    prompt.user,
                    instructions=prompt.system,
                    usage=usage,
                    model_settings={"max_tokens": most_output_tokens(count)},
                )
        except TimeoutError:
            raise ModelError(Outcome.TIMEOUT, micro_usd=None) from None
        except ModelAPIError as error:
            raise _judged(error, behind_proxy=self.settings.proxy is not None) from None
        except Exception as error:  # an answer that is none, in whatever way the library says it
            cost = self._cost(usage.input_tokens, usage.output_tokens) or None
            logger.info("model %s: %s", self.name, type(error).__name__)
            raise ModelError(Outcome.NONSENSE, micro_usd=cost) from None
        return Answer(
            messages=result.output, micro_usd=self._cost(usage.input_tokens, usage.output_tokens)
        )

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _cost(self, input_tokens: int, output_tokens: int) -> int:
        prices = self.settings
        return cost(
            input_tokens,
            output_tokens,
            input_price=prices.input_price,
            output_price=prices.output_price,
        )

    async def _loaded(self) -> "Agent[object, Messages]":
        async with self._loading:
            if self._agent is None:
                # two seconds of imports must not stop a worker's heart
                await asyncio.to_thread(importlib.import_module, _MODULES[self.settings.kind])
                for name in TALKATIVE:
                    logging.getLogger(name).setLevel(logging.WARNING)
                self._client = _http_client(self.settings)
                self._agent = _agent(self.settings, self._client)
            return self._agent


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


def _agent(settings: ModelSettings, client: "httpx2.AsyncClient") -> "Agent[object, Messages]":
    from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput

    # the prompt says what the answer looks like: what is shown to a person is all that is sent
    outputs: dict[str, Any] = {
        "native": NativeOutput(Messages, name="messages", template=False),
        "tool": ToolOutput(Messages, name="messages"),
        "prompted": PromptedOutput(Messages, template=False),
    }
    return Agent(_model(settings, client), output_type=outputs[settings.output], retries=0)


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
