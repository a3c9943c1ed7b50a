"""Two servers that speak as real ones do: Gemini's generateContent and OpenAI's chat completions.

Shapes of requests, answers and errors after the public descriptions (ai.google.dev/api,
the openai-openapi specification). What they write is decided by a script of the test.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

RIGHT_KEY, KNOWN_MODEL = "right-key", "flash-test"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived."""

    at: float  # monotonic seconds
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    system: str
    user: str

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.user)

    @property
    def clients(self) -> list[dict[str, Any]]:
        return self.data["clients"]


@dataclass(frozen=True, kw_only=True)
class Says:
    """The model's own words, however little JSON they are."""

    words: str
    finish: str = "stop"  # or length, safety
    tokens: tuple[int, int] = (1200, 600)


@dataclass(frozen=True, kw_only=True)
class Fails:
    """An error as the API words it: rate_limit, quota, server, overloaded, location, rejected."""

    how: str
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Bytes instead of an answer; `hang` seconds before them, and the connection closed after."""

    payload: bytes = b""
    hang: float = 0


Reply = Says | Fails | Raw
Script = Callable[[Asked], Reply | Awaitable[Reply]]


@dataclass(kw_only=True)
class FakeModel:
    """Base of both servers: HTTP on the loopback, keys, models, a script."""

    script: Script
    delay: float = 0
    key: str = RIGHT_KEY
    asked: list[Asked] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    kind = ""

    async def __aenter__(self) -> "FakeModel":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            reply = await self._reply(method, path, headers, body)
        finally:
            self.at_once -= 1
        if isinstance(reply, Raw):
            await asyncio.sleep(reply.hang)
            writer.write(reply.payload)
            await writer.drain()
            return False
        status, answer, extra = reply
        payload = json.dumps(answer, ensure_ascii=False).encode()
        fields = {"content-type": "application/json", "content-length": str(len(payload))} | extra
        head = "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + payload)
        await writer.drain()
        return True

    async def _reply(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> Raw | tuple[int, dict[str, Any], dict[str, str]]:
        sent = json.loads(body) if body else {}
        if (error := self.refusal(method, path, headers, sent)) is not None:
            return error
        system, user = self.texts(sent)
        asked = Asked(
            at=time.monotonic(), path=path, headers=headers, body=sent, system=system, user=user
        )
        self.asked.append(asked)
        await asyncio.sleep(self.delay)
        reply = self.script(asked)
        if isinstance(reply, Awaitable):
            reply = await reply
        match reply:
            case Says():
                return 200, self.answer(reply, sent), {}
            case Fails():
                return self.failure(reply)
        return reply

    def refusal(
        self, method: str, path: str, headers: dict[str, str], sent: dict[str, Any]
    ) -> tuple[int, dict[str, Any], dict[str, str]] | None:
        raise NotImplementedError

    def texts(self, sent: dict[str, Any]) -> tuple[str, str]:
        raise NotImplementedError

    def answer(self, says: Says, sent: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def failure(self, fails: Fails) -> tuple[int, dict[str, Any], dict[str, str]]:
        raise NotImplementedError


class FakeGemini(FakeModel):
    """POST /v1beta/models/{model}:generateContent."""

    kind = "gemini"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def refusal(self, method, path, headers, sent):
        if headers.get("x-goog-api-key") != self.key:
            info = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            }
            message = "API key not valid. Please pass a valid API key."
            return _google(400, "INVALID_ARGUMENT", message, info)
        if (method, path) != ("POST", f"/v1beta/models/{KNOWN_MODEL}:generateContent"):
            model = path.removeprefix("/v1beta/").partition(":")[0]
            message = f"{model} is not found for API version v1beta, or is not supported."
            return _google(404, "NOT_FOUND", message)
        if "tools" not in sent:
            assert sent["generationConfig"]["responseMimeType"] == "application/json"
        return None

    def texts(self, sent):
        (content,) = sent["contents"]
        assert content["role"] == "user"
        system = "\n\n".join(part["text"] for part in sent["systemInstruction"]["parts"])
        return system, "".join(part["text"] for part in content["parts"])

    def answer(self, says, sent):
        finish = {"stop": "STOP", "length": "MAX_TOKENS", "safety": "SAFETY"}[says.finish]
        parts: list[dict[str, Any]] = [{"text": says.words}] if says.words else []
        if "tools" in sent:
            (tool,) = sent["tools"][0]["functionDeclarations"]
            parts = [{"functionCall": {"name": tool["name"], "args": json.loads(says.words)}}]
        content = {"parts": parts, "role": "model"}
        read, written = says.tokens
        return {
            "candidates": [{"content": content, "finishReason": finish, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": read,
                "candidatesTokenCount": written,
                "totalTokenCount": read + written,
            },
            "modelVersion": KNOWN_MODEL,
            "responseId": "r1",
        }

    def failure(self, fails):
        retry = []
        if fails.retry_after is not None:
            delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo"}
            retry = [delay | {"retryDelay": f"{fails.retry_after}s"}]
        quota = {"@type": "type.googleapis.com/google.rpc.QuotaFailure"}
        daily = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}
        message = "You exceeded your current quota, please check your plan and billing details."
        match fails.how:
            case "rate_limit":
                return _google(429, "RESOURCE_EXHAUSTED", message, *retry)
            case "quota":
                violations = quota | {"violations": [daily]}
                return _google(429, "RESOURCE_EXHAUSTED", message, violations, *retry)
            case "server":
                return _google(500, "INTERNAL", "An internal error has occurred.")
            case "overloaded":
                return _google(503, "UNAVAILABLE", "The model is overloaded. Try again later.")
            case "location":
                message = "User location is not supported for the API use."
                return _google(400, "FAILED_PRECONDITION", message)
            case "rejected":
                return _google(400, "INVALID_ARGUMENT", "Invalid value at generation_config.")
        raise AssertionError(fails.how)


class FakeOpenAI(FakeModel):
    """POST /v1/chat/completions."""

    kind = "openai"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def refusal(self, method, path, headers, sent):
        if headers.get("authorization") != f"Bearer {self.key}":
            message = "Incorrect API key provided."
            return _openai(401, "invalid_request_error", "invalid_api_key", message)
        if (method, path) != ("POST", "/v1/chat/completions") or sent["model"] != KNOWN_MODEL:
            message = "The model does not exist or you do not have access to it."
            return _openai(404, "invalid_request_error", "model_not_found", message)
        return None

    def texts(self, sent):
        roles = [message["role"] for message in sent["messages"]]
        assert roles == ["system", "user"]
        return sent["messages"][0]["content"], sent["messages"][1]["content"]

    def answer(self, says, sent):
        finish = {"stop": "stop", "length": "length", "safety": "content_filter"}[says.finish]
        read, written = says.tokens
        message: dict[str, Any] = {"role": "assistant", "content": says.words or None}
        if "tools" in sent:
            call = {"name": sent["tools"][0]["function"]["name"], "arguments": says.words}
            message["content"] = None
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": call}]
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": KNOWN_MODEL,
            "choices": [
                {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
            ],
            "usage": {
                "prompt_tokens": read,
                "completion_tokens": written,
                "total_tokens": read + written,
            },
        }

    def failure(self, fails):
        after = {} if fails.retry_after is None else {"retry-after": str(fails.retry_after)}
        match fails.how:
            case "rate_limit":
                error = _openai(429, "rate_limit_error", "rate_limit_exceeded", "Rate limit.")
            case "quota":
                error = _openai(429, "insufficient_quota", "insufficient_quota", "No credit.")
            case "server":
                error = _openai(500, "server_error", None, "The server had an error.")
            case "overloaded":
                error = _openai(503, "server_error", None, "The engine is overloaded.")
            case "location":
                error = _openai(403, "request_forbidden", "unsupported_country", "Not here.")
            case _:
                error = _openai(400, "invalid_request_error", None, "Unsupported parameter.")
        return error[0], error[1], after


def _google(code: int, status: str, message: str, *details: dict[str, Any]):
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return code, {"error": error}, {}


def _openai(status: int, type_: str, code: str | None, message: str):
    error = {"message": message, "type": type_, "param": None, "code": code}
    return status, {"error": error}, {}
