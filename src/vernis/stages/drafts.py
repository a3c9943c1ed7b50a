"""Drafts: messages that a person reads before they may leave, where the company wants that.

Until then nothing sends them; one that nobody approved in its day's hours expires, and an opt-out
cancels it like any other message. An approved one still passes the last look before it leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.reception import offered_times
from vernis.decide.writing.message import problems
from vernis.decide.writing.wording import word
from vernis.domain import Band, Company, FreeTime, MessageFacts, Offer, Reason
from vernis.errors import NotFoundError, UsageError
from vernis.plain import plain
from vernis.ports import Connection, Database
from vernis.sql import load
from vernis.stages import auditing, writing
from vernis.stages.auditing import Who

sql = load("drafts")

LONGEST = 4_000  # characters: what a messenger takes as one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that waits for a person, who wrote it, and which checks it fails.

    `generated` is the text before somebody edited it, `rejected_because` why an earlier text for
    the same attempt was not wanted.
    """

    id: int
    client_id: int
    client_key: str
    client_name: str | None
    band: Band
    plan_on: date
    deadline: datetime
    text: str = field(repr=False)
    generated: str | None = field(repr=False)
    template: str | None
    model: str | None
    fallback: str | None
    variant: str | None
    rejected_because: str | None
    problems: tuple[str, ...]
    longest: int  # characters that the checks allow

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        result: dict[str, Any] = plain(self)
        return result


async def waiting(
    db: Database, company: Company, *, now: datetime, ids: Sequence[int] | None = None
) -> list[Waiting]:
    """The drafts that can still be approved, all or those of some ids, in the order of the plan."""
    return [_waiting(row, facts) for row, facts in await _read(db, company, now=now, ids=ids)]


async def one(db: Database, company: Company, id_: int, *, now: datetime) -> Waiting:
    """One of them. Raises NotFoundError where it does not wait."""
    return await check(db, company, id_, None, now=now)


async def check(
    db: Database, company: Company, id_: int, text: str | None, *, now: datetime
) -> Waiting:
    """A draft as it would be with another text; nothing is stored. Raises NotFoundError."""
    if not (found := await _read(db, company, now=now, ids=[id_])):
        raise _not_waiting(id_)
    ((row, facts),) = found
    return _waiting(row if text is None else row | {"message_text": text.strip()}, facts)


async def approve(
    db: Database,
    company: Company,
    ids: Sequence[int] | None,
    *,
    now: datetime,
    who: Who | None = None,
) -> list[int]:
    """Let these drafts leave, or all that wait; which. Where one of them does not wait it raises
    NotFoundError and approves none. With `who` it is noted that they did, as in what follows."""
    values: dict[str, Any] = {"company_id": company.company_id, "now": now}
    async with db.tenant(company.company_id) as connection:
        asked = values | {"ids": None if ids is None else list(ids)}
        rows = await (await connection.execute(sql.days.sql, asked)).fetchall()
        found = [id_ for id_, _ in rows]
        if missing := sorted(set(ids or ()) - set(found)):
            raise _not_waiting(*missing)
        values["ids"] = found
        values["send_afters"] = [writing.opens(company, day, now) for _, day in rows]
        await connection.execute(sql.approve.sql, values)
        await _note(connection, company, who, "draft.approved", found, now)
    return found


async def edit(
    db: Database,
    company: Company,
    id_: int,
    text: str,
    *,
    now: datetime,
    who: Who | None = None,
) -> Waiting:
    """Put another text in a draft; it still waits. The checks that it fails are told, not enforced.

    Raises NotFoundError where it does not wait, UsageError where the text cannot be sent at all.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise UsageError(f"A message needs a text, of up to {LONGEST:,} characters.")
    if not (found := await _read(db, company, now=now, ids=[id_])):
        raise _not_waiting(id_)
    ((row, facts),) = found
    times = offered_times.stated(text, _times(row), company.zone, company.locale)
    values = {"company_id": company.company_id, "id": id_, "now": now, "body": text}
    values["times"] = writing.times_out(times)
    async with db.tenant(company.company_id) as connection:
        cursor = await connection.execute(sql.edit.sql, values)
        if not cursor.rowcount:
            raise _not_waiting(id_)
        await _note(connection, company, who, "draft.edited", [id_], now)
    before = row["message_generated"] or row["message_text"]
    return _waiting(row | {"message_text": text, "message_generated": before}, facts)


async def reject(
    db: Database,
    company: Company,
    id_: int,
    because: str,
    *,
    now: datetime,
    who: Who | None = None,
) -> None:
    """Do not send this draft, for a reason in a person's own words. Raises NotFoundError."""
    if not (because := because.strip()):
        raise UsageError("Say why the message is not to be sent: the reason is kept.")
    values = {"company_id": company.company_id, "id": id_, "now": now}
    values |= {"reason": Reason.REJECTED, "because": because}
    await _change(db, company, sql.reject.sql, values, "draft.rejected", who)


async def skip(
    db: Database,
    company: Company,
    id_: int,
    because: str,
    *,
    now: datetime,
    who: Who | None = None,
) -> None:
    """Do not send this message, a draft or not, where it has not begun to leave.

    The client waits for the next wave as after `reject`. Raises NotFoundError.
    """
    if not (because := because.strip()):
        raise UsageError("Say why the message is not to be sent: the reason is kept.")
    values = {"company_id": company.company_id, "id": id_, "now": now}
    values |= {"reason": Reason.REJECTED, "because": because}
    await _change(db, company, sql.skip.sql, values, "draft.rejected", who)


async def hold(
    db: Database, company: Company, id_: int, *, now: datetime, who: Who | None = None
) -> None:
    """Make a message that is on its way to leave a draft again: somebody wants to look at it once
    more. Raises NotFoundError where it has begun to leave."""
    values = {"company_id": company.company_id, "id": id_, "now": now}
    await _change(db, company, sql.hold.sql, values, "draft.held", who)


async def _change(
    db: Database,
    company: Company,
    query: str,
    values: dict[str, Any],
    action: str,
    who: Who | None,
) -> None:
    async with db.tenant(company.company_id) as connection:
        if not (await connection.execute(query, values)).rowcount:
            raise _not_waiting(values["id"])
        await _note(connection, company, who, action, [values["id"]], values["now"])


async def _note(
    connection: Connection,
    company: Company,
    who: Who | None,
    action: str,
    ids: Sequence[int],
    now: datetime,
) -> None:
    for id_ in ids if who is not None else ():
        subject = f"reactivation {id_}"
        await auditing.note(
            connection, company, who=who or Who(), action=action, subject=subject, now=now
        )


def _not_waiting(*ids: int) -> NotFoundError:
    which = f"draft {ids[0]}" if len(ids) == 1 else f"drafts {', '.join(map(str, ids))}"
    return NotFoundError(
        f"There is no {which} that waits: it was decided on, its hours are over, or it is another"
        " company's; `vernis drafts` lists those that do."
    )


async def _read(
    db: Database, company: Company, *, now: datetime, ids: Sequence[int] | None = None
) -> list[tuple[dict[str, Any], MessageFacts]]:
    values: dict[str, Any] = {"company_id": company.company_id, "now": now}
    values["ids"] = None if ids is None else list(ids)
    async with db.tenant(company.company_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(sql.waiting.sql, values)
        rows = await cursor.fetchall()
    briefs = await writing.brief(company, rows, crm=None, now=now)
    return [
        (row, _as_written(one.facts, row, company)) for row, one in zip(rows, briefs, strict=True)
    ]


def _as_written(facts: MessageFacts, row: Mapping[str, Any], company: Company) -> MessageFacts:
    """With the offer and the times that the text was written with, whatever is set now."""
    names = {field.name for field in fields(Offer)}
    stored = row["offer"]
    offer = Offer(**{k: v for k, v in stored.items() if k in names}) if stored else None
    times = tuple(free.starts_at.astimezone(company.zone) for free in _times(row))
    return replace(facts, offer=offer, free_times=times)


def _times(row: Mapping[str, Any]) -> list[FreeTime]:
    return [offered_times.from_plain(one) for one in row["message_times"] or ()]


def _waiting(row: Mapping[str, Any], facts: MessageFacts) -> Waiting:
    return Waiting(
        id=row["id"],
        client_id=row["client_id"],
        client_key=row["external_key"],
        client_name=row["name"],
        band=facts.band,
        plan_on=row["plan_on"],
        deadline=row["deadline"],
        text=row["message_text"],
        generated=row["message_generated"],
        template=row["message_template"],
        model=row["message_model"],
        fallback=row["message_fallback"],
        variant=row["variant"],
        rejected_because=row["rejected_because"],
        problems=tuple(problems(row["message_text"], facts)),
        longest=word(facts).limit,
    )
