"""What a language model may know of a turn, read from the tables, without who anybody is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from psycopg.rows import dict_row

from vernis.decide.reception import answers
from vernis.decide.reception.anonymous import anonymous
from vernis.decide.reception.answers import Given
from vernis.decide.reception.assisting import Kept
from vernis.decide.reception.instructions import Occasion, instruct
from vernis.decide.reception.moves import Move
from vernis.decide.reception.named_services import Listed
from vernis.decide.reception.phrases import say
from vernis.decide.reception.turn_words import SPEAK
from vernis.decide.writing.names import say_name
from vernis.decide.writing.offers import say_money
from vernis.decide.writing.prompt_words import PLACEHOLDER
from vernis.decide.writing.titles import say_title
from vernis.domain import Appointment, FreeTime, Locale, Topic
from vernis.ports import Connection
from vernis.sql import load
from vernis.stages import briefing, occasions
from vernis.stages.acting import Desk, Found
from vernis.stages.briefing import Briefing
from vernis.turns import Line, Priced, TurnFacts

sql = load("proposing")

MOST_LINES = 10
MOST_SERVICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the tables say beside the briefing: the client's name to hide, what was said, what the
    client answers."""

    name: str | None = field(repr=False)
    surname: str | None = field(repr=False)
    lines: Sequence[tuple[bool, str]] = field(repr=False)
    staff: tuple[str, ...]
    services: Sequence[Listed]
    occasion: Occasion | None

    def facts(
        self,
        desk: Desk,
        brief: Briefing,
        found: Found,
        said: str,
        *,
        free: Sequence[FreeTime],
        own: Sequence[Appointment],
    ) -> TurnFacts:
        """All that the model is told."""
        company, voice = desk.company, brief.voice
        locale = company.locale
        phrase = None
        if answers.may_reword(found.move):
            last = brief.dialog.last_said
            phrase = say(found.move, voice, now=desk.now, turn=brief.dialog.turns, last=last)
        told = {topic: self._clean(fact, locale) for topic, fact in voice.facts.items()}
        ahead = [one for one in free if one.starts_at > desk.now]
        return TurnFacts(
            locale=locale,
            address=company.address,
            now=desk.now,
            said=self._hidden(said, desk),
            reading=brief.reading,
            phrase=self._clean(phrase, locale) if phrase else None,
            company_name=voice.company_name,
            has_name=say_name(self.name, company.address, locale) is not None,
            lines=tuple(
                Line(ours=ours, text=self._hidden(text, desk))
                for ours, body in self.lines
                if (text := self._clean(body, locale) if ours else body)
            ),
            context=self._context(desk, brief),
            service=voice.service,
            services=tuple(self.prices(company.locale, company.currency)),
            facts={
                topic: fact
                for topic, fact in told.items()
                if fact is not None and topic is not Topic.SERVICES
            },
            free=tuple(ahead),
            offered=brief.dialog.offered,
            own=tuple(own),
            banned_words=company.banned_words,
        )

    def given(self, desk: Desk, brief: Briefing, move: Move, phrase: str) -> Given:
        """What the model's words are held to."""
        company = desk.company
        return Given(
            locale=company.locale,
            address=company.address,
            now=desk.now,
            move=move,
            phrase=phrase,
            facts=brief.voice.facts,
            prices=[one.said for one in self.prices(company.locale, company.currency)],
            client_name=self.name,
            company_name=company.name,
            service_title=brief.dialog.service_title,
            staff=self.staff,
            banned_words=company.banned_words,
            told=SPEAK[company.locale],
        )

    def prices(self, locale: Locale, currency: str) -> Sequence[Priced]:
        """Services that can be said; a title holds whatever somebody typed."""
        said = []
        for one in self.services[:MOST_SERVICES]:
            if (spoken := say_title(one.title, locale)) is None:
                continue
            price = say_money(one.price_minor, currency) if one.price_minor else None
            text = f"{spoken.called} — {price}" if price else spoken.called
            said.append(Priced(said=text, minutes=one.duration_minutes))
        return said

    def _clean(self, text: str, locale: Locale) -> str | None:
        """The text with first names of the staff; None where it holds what cannot be said."""
        text = answers.first_names(text, self.staff, locale)
        unsaid = [one.title for one in self.services if say_title(one.title, locale) is None]
        unsaid += [name for name in self.staff if say_name(name, locale=locale) is None]
        low = text.lower()
        return None if any(one.lower() in low for one in unsaid if one.strip()) else text

    def _hidden(self, text: str, desk: Desk) -> str:
        company = desk.company
        return anonymous(
            text,
            name=self.name,
            surname=self.surname,
            said_as=say_name(self.name, company.address, company.locale),
            placeholder=PLACEHOLDER[company.locale],
        )

    def _context(self, desk: Desk, brief: Briefing) -> str | None:
        """As `stages.occasions` tells another assistant, without who it is about."""
        if self.occasion is None:
            return None
        locale, reading = desk.company.locale, brief.reading
        title = say_title(self.occasion.service, locale)
        occasion = replace(
            self.occasion,
            client_name=PLACEHOLDER[locale] if self.occasion.client_name else None,
            service=title.called if title else None,
            text=self._hidden(self.occasion.text, desk),
        )
        kept = Kept.of(reading, service_id=None, at=desk.now)
        return instruct(occasion, kept, locale=locale, now=desk.now)


async def known_at(desk: Desk) -> Known:
    """What there is to know at this desk."""
    company, row = desk.company, desk.row
    async with desk.db.tenant(company.company_id) as connection:
        values = {
            "company_id": company.company_id,
            "dialog_id": row["dialog_id"],
            "client_id": row["client_id"],
            "most": MOST_LINES,
        }
        lines = await (await connection.execute(sql.lines.sql, values)).fetchall()
        client = await (await connection.execute(sql.client.sql, values)).fetchone()
        staff = await (await connection.execute(sql.staff.sql, values)).fetchall()
        occasion = await occasions.reactivation(connection, company, row["reactivation_id"])
        return Known(
            name=client[0] if client else None,
            surname=client[1] if client else None,
            lines=[(ours, body) for ours, body in reversed(lines)],
            staff=tuple(name for (name,) in staff),
            services=await _services(connection, company.company_id),
            occasion=occasions.occasion_of(company, occasion, desk.now) if occasion else None,
        )


async def _services(connection: Connection, company_id: int) -> list[Listed]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(briefing.sql.services.sql, {"company_id": company_id})
    return [Listed(**row) for row in await cursor.fetchall()]
