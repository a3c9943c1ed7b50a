"""`Idempotency-Key` on writes: the same key with the same body is done once.

An answer is kept for a day, sealed: what it says of a client is no use to who reads the table.
"""

import base64
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute

from vernis.stages import asking_once
from vernis.stages.asking_once import Answered, Claim, Refused
from vernis.web.errors import Problem
from vernis.web.keys import Caller, allowed

AGAIN_SECONDS = 2
_NO_ACCOUNT = 0
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Any text of yours, another one for each write. The same key with the same body"
        " is done once and answered again for a day, with `Idempotent-Replayed: true`; with another"
        " body it is refused.",
    ),
]


class Told(Exception):  # noqa: N818 (an answer, not a fault)
    """This was asked before: the answer of then."""

    def __init__(self, answered: Answered, text: bytes | None) -> None:
        super().__init__("answered before")
        self.response = Response(
            text,
            status_code=answered.status,
            media_type="application/json" if text is not None else None,
            headers={"Idempotent-Replayed": "true"},
        )


class Once(APIRoute):
    """A route whose write is done once a key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except Told as told:
                return told.response
            except Exception:
                if claimed := _claimed(request):
                    await asking_once.release(claimed[0].app.db, claimed[1])
                raise
            if claimed := _claimed(request):
                await _keep(*claimed, response)
            return response

        return handle


def writes(scope: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency like `keys.allowed`, for routes that write; its router's routes are `Once`."""
    check = allowed(scope)

    async def once(
        request: Request,
        caller: Annotated[Caller, Depends(check)],
        key: Key = None,
    ) -> Caller:
        if key is not None:
            await claim(request, caller, key, await request.body())
        return caller

    return once


async def claim(request: Request, caller: Caller, key: str, body: bytes) -> None:
    """Raises Told where this was done, Problem where it may not be done now."""
    app = caller.app
    asked = f"{caller.key_id} {request.method} {request.url.path} {key}"
    found = await asking_once.claim(
        app.db,
        caller.company,
        key=asked,
        request=request.url.query.encode() + b"\n" + body,
        now=app.clock(),
    )
    if found is Refused.OTHER_BODY:
        raise Problem(409, "other_body", "This Idempotency-Key came with another body: use a new.")
    if found is Refused.UNDER_WAY:
        again = {"Retry-After": str(AGAIN_SECONDS)}
        detail = "What this Idempotency-Key asks is under way: ask again in a moment."
        raise Problem(409, "under_way", detail, headers=again)
    if isinstance(found, Answered):
        if not found.answer:
            raise Problem(
                409, "answer_gone", "This was done; its answer went with a client's data."
            )
        raise Told(found, _opened(caller, found))
    assert isinstance(found, Claim)
    request.state.claimed = (caller, found)


def _claimed(request: Request) -> tuple[Caller, Claim] | None:
    return getattr(request.state, "claimed", None)


async def _keep(caller: Caller, claim: Claim, response: Response) -> None:
    text = bytes(response.body).decode()
    sealed = caller.app.sealer.seal(text, company_id=claim.company_id, account_id=_NO_ACCOUNT)
    kept = base64.b64encode(sealed).decode()
    await asking_once.keep(caller.app.db, claim, status=response.status_code, answer=kept)


def _opened(caller: Caller, answered: Answered) -> bytes | None:
    sealed, whose = base64.b64decode(answered.answer), caller.company.company_id
    text = caller.app.sealer.unseal(sealed, company_id=whose, account_id=_NO_ACCOUNT)
    return text.encode() or None
