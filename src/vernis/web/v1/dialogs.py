"""Dialogs: what is said with each client, and which of them wait for a person."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import Query
from pydantic import AfterValidator, Field, StringConstraints

from vernis.domain import Intent
from vernis.stages import desk, dialog_list, handovers
from vernis.web.keys import Caller
from vernis.web.v1 import common
from vernis.web.v1.common import (
    AnId,
    Answer,
    Asked,
    Correspondent,
    Id,
    Reader,
    Writer,
    shown_phone,
    storable,
)
from vernis.web.v1.idempotency import Key
from vernis.web.v1.paging import Cursor, Limit, Page, after, moment, number, page, signed

router = common.router("dialogs")

LONGEST = 4096  # characters; a channel may take less
_TEXTS = "With the scope `messages` only."


class DialogAnswer(Answer):
    """What is being said with one phone."""

    dialog_id: int = Field(examples=[3])
    client_id: int | None = Field(examples=[12])
    client_key: str | None = Field(examples=["C17"])
    client_name: str | None = Field(examples=["Анна"])
    client_surname: str | None = Field(examples=["Ким"])
    phone: str | None = Field(
        description="Masked, or in full with the scope `messages`. None: WhatsApp has not told it.",
        examples=["+7 999 ***-**-01"],
    )
    reactivation_id: int | None = Field(description="What it is about.", examples=[77])
    account: str
    channel: str = Field(examples=["cloud"])
    state: str = Field(description="Where the talk is.", examples=["offered"])
    waiting_since: datetime | None = Field(description="A person is to answer since then.")
    waiting_why: str | None = Field(examples=["complaint"])
    person_at: datetime | None = Field(description="When a person of the salon last wrote.")
    silent_until: datetime | None = Field(description="The assistant is silent until then.")
    looked_at: datetime | None
    created_at: datetime
    updated_at: datetime
    last_at: datetime | None = Field(description="The last message, but campaign ones.")
    last_direction: Literal["in", "out"] | None
    last_kind: str | None
    last_text: str | None = Field(description=_TEXTS)
    last_intent: Intent | None = Field(description="Of the client's last message.")
    unread: int = Field(description="The client's messages since `looked_at`.")


class MessageAnswer(Answer):
    """One message, from the client (`in`) or to the client (`out`)."""

    message_id: int | None = Field(
        description="None of a campaign message, which is a reactivation.", examples=[210]
    )
    reactivation_id: int | None = Field(examples=[77])
    direction: Literal["in", "out"]
    kind: str = Field(description="`staff`: a person of the salon wrote it.", examples=["text"])
    text: str | None = Field(examples=["Да, давайте завтра после шести"])
    state: str = Field(examples=["handled"])
    intent: Intent | None
    confidence: float | None = Field(examples=[0.97])
    at: datetime
    is_campaign: bool


class NewMessage(Asked):
    text: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(storable)
    ] = Field(examples=["Анна, это Алина из салона. Жду вас в пять!"])


class Written(Answer):
    """The message waits to leave; what becomes of it is in the dialog's messages."""

    dialog_id: int = Field(examples=[3])
    message_id: int = Field(examples=[212])


@router.get("/dialogs", operation_id="dialogs", summary="The dialogs, the last changed first")
async def listed(
    caller: Reader,
    client_id: AnId | None = None,
    waiting: Annotated[bool | None, Query(description="For a person.")] = None,
    unread: bool | None = None,
    intent: Intent | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DialogAnswer]:
    begin = after("dialogs", cursor, moment, number)
    rows = await dialog_list.listed(
        caller.app.db,
        caller.company,
        client_id=client_id,
        waiting=waiting,
        unread=unread,
        intent=intent,
        before=(begin[0], begin[1]) if begin else None,
        most=limit + 1,
    )
    return Page(
        **page(
            "dialogs",
            rows,
            limit,
            key=lambda row: [row.updated_at.isoformat(), row.dialog_id],
            shown=lambda row: DialogAnswer(**_shown(caller, row)),
        )
    )


@router.get("/dialogs/{dialog_id}", operation_id="dialog", summary="One dialog")
async def one(caller: Reader, dialog_id: Id) -> DialogAnswer:
    found = await dialog_list.one(caller.app.db, caller.company, dialog_id)
    return DialogAnswer(**_shown(caller, found))


@router.get(
    "/dialogs/{dialog_id}/messages",
    operation_id="messages",
    summary="What was said, newest first",
)
async def messages(
    caller: Correspondent, dialog_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> Page[MessageAnswer]:
    """Campaign messages among it. Wants the scope `messages`."""
    begin = after("messages", cursor, moment, signed)
    rows = await dialog_list.said(
        caller.app.db,
        caller.company,
        dialog_id,
        before=(begin[0], begin[1]) if begin else None,
        most=limit + 1,
    )
    return Page(
        **page(
            "messages",
            rows,
            limit,
            key=lambda row: [row.at.isoformat(), row.key],
            shown=MessageAnswer.model_validate,
        )
    )


@router.post(
    "/dialogs/{dialog_id}/messages",
    operation_id="write",
    summary="Write as a person of the salon",
    status_code=202,
)
async def write(caller: Writer, dialog_id: Id, message: NewMessage, key: Key = None) -> Written:
    """It is sent as any other answer. The assistant is silent from now on, as it is when one writes
    from the salon's phone. 409 where the client or the channel lets nothing leave."""
    app = caller.app
    written = await desk.write(
        app.db,
        caller.company,
        dialog_id=dialog_id,
        text=message.text,
        who=caller.who,
        now=app.clock(),
        key=f"key {caller.key_id} {key or uuid4()}",
        channels=app.channels,
        hash_phone=app.hash_phone,
    )
    return Written(dialog_id=dialog_id, message_id=written)


@router.post(
    "/dialogs/{dialog_id}/take-over", operation_id="takeOver", summary="A person answers now"
)
async def take_over(caller: Writer, dialog_id: Id) -> DialogAnswer:
    """The assistant is quiet until the dialog is given back."""
    app, of = caller.app, caller.company
    await desk.take_over(app.db, of, dialog_id=dialog_id, who=caller.who, now=app.clock())
    return await one(caller, dialog_id)


@router.post(
    "/dialogs/{dialog_id}/give-back",
    operation_id="giveBack",
    summary="Let the assistant answer again",
)
async def give_back(caller: Writer, dialog_id: Id) -> DialogAnswer:
    """Nothing changes where it was not quiet for a person."""
    app, of = caller.app, caller.company
    await handovers.give_back(app.db, of, dialog_id=dialog_id, now=app.clock(), who=caller.who)
    return await one(caller, dialog_id)


def _shown(caller: Caller, row: dialog_list.Listed) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in DialogAnswer.model_fields}
    text = common.shown_text(caller, row.last_text)
    return known | {"phone": shown_phone(caller, row.phone), "last_text": text}
