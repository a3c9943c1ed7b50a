"""Every fault as a problem (RFC 9457): one sentence that says what to do, nothing of what was sent.

`code` names the fault for programs; `errors` names the fields of a request that are wrong.
"""

import logging
import re
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vernis.errors import ConflictError, NotFoundError, UnavailableError, UsageError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_FOR_PROGRAMS = ("/v1/", "/webhooks/", "/healthz", "/readyz", "/metrics", "/static/")
AGAIN_SECONDS = 5
LARGEST_BODY = 128 * 1024  # bytes
LARGEST_WEBHOOK = 1024 * 1024  # Meta bundles up to a thousand updates
LARGEST_UPLOAD = 51 * 1024 * 1024  # a salon's files, and what a form puts around them
_UPLOADS = re.compile(r"/c/\d{1,18}/data/files|/v1/companies/\d{1,18}/imports")
_PLAIN = {
    400: ("bad_request", "The request cannot be read: send a JSON object in UTF-8."),
    404: ("no_such_route", "There is nothing here: /v1/openapi.json lists what there is."),
    405: ("wrong_method", "This route has another method: see the Allow header."),
    413: (
        "too_large",
        "The request is too large: at most 128 KiB, 1 MiB to a webhook, 50 MB of files.",
    ),
}
_SENTENCES = {
    "missing": "{field} is missing.",
    "extra_forbidden": "{field} is not known here.",
    "json_invalid": "The body is not JSON.",
    "string_too_short": "{field} is empty.",
    "string_too_long": "{field} is longer than {max_length} characters.",
    "string_unicode": "{field} holds half a character: send whole UTF-8 text.",
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "examples": ["Unprocessable Content"]},
        "status": {"type": "integer", "examples": [422]},
        "detail": {
            "type": "string",
            "description": "One sentence that says what to do.",
            "examples": ["phone is missing."],
        },
        "code": {
            "type": "string",
            "description": "Names the fault for programs.",
            "examples": ["invalid"],
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class Problem(Exception):  # noqa: N818 (what RFC 9457 calls it)
    """A fault that a route finds itself."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
        self.errors = errors


def invalid(field: str, detail: str) -> Problem:
    """A field of the request that cannot be used."""
    return Problem(422, "invalid", detail, errors=[{"field": field, "detail": detail}])


def unavailable(detail: str) -> Problem:
    return Problem(503, "unavailable", detail, headers={"Retry-After": str(AGAIN_SECONDS)})


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as problems, for OpenAPI."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def answer(problem: Problem) -> JSONResponse:
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors:
        content["errors"] = list(problem.errors)
    return JSONResponse(
        content, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def is_page(scope: Scope) -> bool:
    """Whether a person looks at the answer, not a program."""
    wants = Headers(scope=scope).get("accept", "")
    return "text/html" in wants and not str(scope.get("path", "")).startswith(_FOR_PROGRAMS)


def _shown(request: Request, problem: Problem) -> Response:
    if not is_page(request.scope):
        return answer(problem)
    from vernis.web.pages.faults import shown

    return shown(request, problem)


def register(app: FastAPI) -> None:
    """Turn every fault into a problem, or into a page where a person looks."""
    from vernis.web.pages.faults import to_the_door
    from vernis.web.security.viewer import LoginNeeded

    app.exception_handler(LoginNeeded)(to_the_door)
    app.exception_handler(Problem)(_problem)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    for kind in (NotFoundError, ConflictError, UsageError, UnavailableError):
        app.exception_handler(kind)(_ours)
    for down in (OperationalError, PoolTimeout):
        app.exception_handler(down)(_database)


class Guard:
    """The outermost layer: what is too large is not read. A fault of ours is logged by its place,
    never by its text, in which the database quotes rows; and it is a problem as any other."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = _most(scope)
        if scope["type"] == "http" and _length(scope) > most:
            fault = Problem(413, *_PLAIN[413])
            await _shown(Request(scope), fault)(scope, receive, send)
            return
        begun, size = False, 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise HTTPException(413)
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            log.error("web error=%s at %s", type(error).__name__, _place(error))  # noqa: TRY400
            if not begun:
                fault = Problem(500, "fault", "Something broke here: it is in the log.")
                await _shown(Request(scope), fault)(scope, receive, send)


def _most(scope: Scope) -> int:
    path = str(scope.get("path", ""))
    if _UPLOADS.fullmatch(path):
        return LARGEST_UPLOAD
    return LARGEST_WEBHOOK if path.startswith("/webhooks/") else LARGEST_BODY


def _length(scope: Scope) -> int:
    said = Headers(scope=scope).get("content-length", "")
    return int(said[:20]) if said.isdecimal() else 0


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _shown(request, error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code, detail = _PLAIN.get(status, ("refused", f"{HTTPStatus(status).phrase}."))
    return _shown(request, Problem(status, code, detail, headers=error.headers))


async def _ours(request: Request, error: Exception) -> Response:
    match error:
        case NotFoundError():
            return _shown(request, Problem(404, "not_found", str(error)))
        case ConflictError():
            return _shown(request, Problem(409, "conflict", str(error)))
        case UsageError():
            return _shown(request, Problem(422, "invalid", str(error)))
        case _:
            return _shown(request, unavailable(str(error)))


async def _database(request: Request, error: Exception) -> Response:
    log.warning("web error=%s", type(error).__name__)
    return _shown(request, unavailable("The database does not answer: try again in a few seconds."))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(fault) for fault in error.errors()[:20]]
    detail = faults[0]["detail"] if faults else "The request cannot be used."
    return _shown(request, Problem(422, "invalid", detail, errors=faults))


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    parts = [str(part) for part in fault["loc"][1:] if not isinstance(part, int)]
    known = fault["type"] != "extra_forbidden"  # what a stranger calls a field is not repeated
    field = ".".join(parts if known else [*parts[:-1], "a field"]) or "The body"
    sentence = _SENTENCES.get(fault["type"])
    if sentence is None:
        said = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
        sentence = "{field}: " + said.replace("{", "(").replace("}", ")") + "."
    limits = {"max_length": fault.get("ctx", {}).get("max_length")}
    return {"field": field, "detail": sentence.format(field=field, **limits)}


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames)) or "unknown"
