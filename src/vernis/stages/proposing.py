"""A language model beside the receptionist: it is told what a turn may know, its proposals are
held to `decide.proposals`, its words to `decide.answers`. Whatever it does, the turn goes on.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from vernis.decide.reception import answers, moves, proposals
from vernis.decide.reception import dialog as dialogs
from vernis.decide.reception.dialog_state import Dialog
from vernis.decide.reception.moves import Move
from vernis.decide.reception.proposals import Step, Table
from vernis.domain import Appointment, FreeTime, Reading
from vernis.ports import Assistant, BookingRequest, ChangeRequest, Crm
from vernis.sql import load
from vernis.stages import acting, briefing
from vernis.stages.acting import Desk, Found
from vernis.stages.briefing import Briefing
from vernis.stages.knowing import Known, known_at
from vernis.turns import Act, Proposal, Refused

sql = load("proposing")
log = logging.getLogger(__name__)

MOST_TIMES = 20  # of one look
# How far and how often a model may look free times up in one turn.
DAYS_AHEAD, DAYS_AT_ONCE, LOOK_UPS = 60, 14, 3


@dataclass(slots=True)
class Seen:
    """The salon's calendar, and what was read in it during a turn."""

    crm: Crm
    free: list[FreeTime] = field(default_factory=list)

    async def free_times(
        self, company_id: int, *, service_id: int, first_day: date, last_day: date
    ) -> list[FreeTime]:
        found = await self.crm.free_times(
            company_id, service_id=service_id, first_day=first_day, last_day=last_day
        )
        self.free += [free for free in found if free not in set(self.free)]
        return found

    async def book(self, company_id: int, request: BookingRequest) -> int:
        return await self.crm.book(company_id, request)

    async def find(self, company_id: int, request: BookingRequest) -> int | None:
        return await self.crm.find(company_id, request)

    async def appointments(
        self, company_id: int, *, client_id: int, first_day: date
    ) -> list[Appointment]:
        return await self.crm.appointments(company_id, client_id=client_id, first_day=first_day)

    async def change(self, company_id: int, request: ChangeRequest) -> None:
        await self.crm.change(company_id, request)

    async def is_changed(self, company_id: int, request: ChangeRequest) -> bool:
        return await self.crm.is_changed(company_id, request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assisted:
    """A turn after a model was asked, or not. `outdated`: meanwhile more was written, so that it is
    to be handled anew, with that."""

    brief: Briefing
    found: Found
    proposal: Proposal | None = None
    facts: Known | None = None
    refused: tuple[Refused, ...] = ()
    changed: bool = False
    outdated: bool = False

    def worded(self, desk: Desk, move: Move, phrase: str | None) -> tuple[str | None, str | None]:
        """What is said, the model's words or code's phrase, and a note of what the model did."""
        proposal, known = self.proposal, self.facts
        if proposal is None:
            return phrase, None
        if proposal.failed is not None:
            return phrase, proposal.failed
        notes = ["changed"] if self.changed else []
        notes += [f"refused {why}" for why in self.refused]
        speaks = phrase is not None and proposal.text is not None and answers.may_reword(move)
        if speaks and phrase and proposal.text and known is not None:
            given = known.given(desk, self.brief, move, phrase)
            text = answers.filled(proposal.text, given)
            faults = answers.faults(text, given)
            notes.append(f"text refused: {', '.join(faults)}" if faults else "text")
            phrase = phrase if faults else text
        log.info(
            "assistant of company %s: %s", desk.company.company_id, "; ".join(notes) or "agrees"
        )
        return phrase, "; ".join(notes) or "agrees"


async def assisted(
    assistant: Assistant | None,
    desk: Desk,
    brief: Briefing,
    found: Found,
    said: str,
    *,
    message_ids: Sequence[int],
) -> Assisted:
    """Ask the model where it is to be asked, and let it change what code would do as far as it
    may. `found` is what code would do, `said` the client's words in these messages."""
    as_it_was = Assisted(brief=brief, found=found)
    silent = desk.row["silent_until"] is not None and desk.row["silent_until"] > desk.now
    if assistant is None or silent or found.begun or not said or not desk.company.answers:
        return as_it_was
    before = briefing.dialog_of(desk.row, desk.now)
    speaks = assistant.speaks
    asked = proposals.asks(before, brief.reading, found.move, speaks=speaks)
    if not asked or not isinstance(desk.crm, Seen):
        return as_it_was
    known = await known_at(desk)
    own = await _own(desk)
    facts = known.facts(desk, brief, found, said, free=desk.crm.free, own=own)
    proposal = await assistant.propose(desk.company, facts, _look_up(desk, brief.dialog))
    if not await _stands(desk, message_ids):
        return replace(as_it_was, outdated=True)
    if proposal.failed is not None:
        return replace(as_it_was, proposal=proposal)
    turn = _Turn(desk, brief, before, said, own, desk.crm)
    step, refused = await turn.proposed(proposal, found)
    if step is not None:
        found, more = await turn.looked_up(step)
        refused += more
    return Assisted(
        brief=turn.brief,
        found=found,
        proposal=proposal,
        facts=known if speaks else None,
        refused=refused,
        changed=step is not None,
    )


# --- what it may do ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Turn:
    """One turn under judgement; `brief` is replaced where the model's reading holds."""

    desk: Desk
    brief: Briefing
    before: Dialog  # as the client saw it
    said: str
    own: Sequence[Appointment]
    seen: Seen
    by_code: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.by_code = self.brief.reading

    async def proposed(
        self, proposal: Proposal, found: Found
    ) -> tuple[Step | None, tuple[Refused, ...]]:
        """The model's step in the place of code's, None where code's stands."""
        brief = self.brief
        refused: tuple[Refused, ...] = ()
        if not proposals.is_open(self.by_code, found.move):
            other = proposal.act not in {None, Act.ANSWER, Act.OFFER}
            return None, (Refused.DECIDED,) if other and not _is_same(proposal, found) else ()
        outcome = proposals.acted(brief.dialog, self.by_code, proposal, self._table())
        if isinstance(outcome, Step):
            return outcome, ()
        if isinstance(outcome, Refused):
            refused = (outcome,)
        read = proposals.understood(self.by_code, proposal)
        if read.refused is not None:
            refused += (read.refused,)
        if read.move is not None:
            return Step(dialog=brief.dialog, move=read.move), refused
        if read.reading == self.by_code:
            return None, refused
        return await self._read_as(read.reading), refused

    async def looked_up(self, step: Step) -> tuple[Found, tuple[Refused, ...]]:
        """What the step comes to, with the client's consent or a question instead."""
        step, refused = self._with_consent(step)
        found = await acting.look_up(self.desk, step.dialog, step.move)
        if found.is_done or refused:
            return found, (refused,) if refused else ()
        step, refused = self._with_consent(Step(dialog=found.dialog, move=found.move))
        if refused is None:
            return found, ()
        return await acting.look_up(self.desk, step.dialog, step.move), (refused,)

    async def _read_as(self, reading: Reading) -> Step:
        desk = self.desk
        async with desk.db.tenant(desk.company.company_id) as connection:
            self.brief = await briefing.brief(
                connection, desk.company, desk.row, self.before, reading, self.said, desk.now
            )
        brief, known = self.brief, frozenset(self.brief.voice.facts)
        move = brief.move or dialogs.decide(brief.dialog, brief.reading, now=desk.now, known=known)
        return Step(dialog=brief.dialog, move=move)

    def _with_consent(self, step: Step) -> tuple[Step, Refused | None]:
        return proposals.with_consent(
            step, before=self.before, said=self.said, by_code=self.by_code, table=self._table()
        )

    def _table(self) -> Table:
        return Table(
            free=frozenset([*self.seen.free, *self.before.offered]),
            own=self.own,
            known=frozenset(self.brief.voice.facts),
            now=self.desk.now,
        )


def _is_same(proposal: Proposal, found: Found) -> bool:
    """Whether the model proposes what code does anyway."""
    match found.move:
        case moves.Book(time=time):
            return proposal.act is Act.BOOK and proposal.times == (time,)
        case moves.Change(booking=booking):
            return proposal.act in {Act.MOVE, Act.CANCEL} and proposal.booking == booking
        case moves.AskCancel(booking=booking):
            return proposal.act is Act.CANCEL and proposal.booking == booking
        case moves.RemindLater(on=on):
            return proposal.act is Act.REMIND and proposal.on == on
    return False


async def _stands(desk: Desk, message_ids: Sequence[int]) -> bool:
    values = {
        "company_id": desk.company.company_id,
        "dialog_id": desk.row["dialog_id"],
        "message_ids": list(message_ids),
    }
    async with desk.db.tenant(desk.company.company_id) as connection:
        row = await (await connection.execute(sql.stands.sql, values)).fetchone()
    return row == (True,)


async def _own(desk: Desk) -> list[Appointment]:
    if desk.row["client_id"] is None:
        return []
    return await desk.crm.appointments(
        desk.company.company_id, client_id=desk.row["client_id"], first_day=desk.now.date()
    )


def _look_up(desk: Desk, dialog: Dialog) -> "_LookUp":
    return _LookUp(desk, dialog.service_id)


@dataclass(slots=True)
class _LookUp:
    """Free times of one service, soon, and not without end."""

    desk: Desk
    service_id: int | None
    left: int = LOOK_UPS

    async def __call__(self, first_day: date, last_day: date) -> Sequence[FreeTime]:
        today = self.desk.now.date()
        first_day = max(first_day, today)
        last_day = min(last_day, first_day + timedelta(DAYS_AT_ONCE), today + timedelta(DAYS_AHEAD))
        if self.service_id is None or last_day < first_day or self.left == 0:
            return []
        self.left -= 1
        found = await self.desk.crm.free_times(
            self.desk.company.company_id,
            service_id=self.service_id,
            first_day=first_day,
            last_day=last_day,
        )
        return [free for free in found if free.starts_at > self.desk.now][:MOST_TIMES]
