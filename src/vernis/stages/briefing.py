"""What the receptionist knows when a client's messages are handled: the dialog as it stands, the
client's habits, the company's services, prices, masters and hours."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from vernis.decide.reception import dialog as dialogs
from vernis.decide.reception import offered_times
from vernis.decide.reception.dialog_state import Dialog, DialogState
from vernis.decide.reception.facts import Known, facts, named, names_somebody
from vernis.decide.reception.moves import Move
from vernis.decide.reception.named_services import Listed, named_services
from vernis.decide.reception.phrases import Voice
from vernis.decide.settings.places import say_company
from vernis.decide.writing.titles import say_title
from vernis.domain import Company, Offer, Reading, Topic
from vernis.ports import Connection
from vernis.sql import load

sql = load("briefing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """A dialog and what may be said in it. `move`: what must come before anything else."""

    dialog: Dialog
    reading: Reading
    voice: Voice
    move: Move | None = None


async def row_of(connection: Connection, company: Company, dialog_id: int) -> dict[str, Any]:
    """The dialog with its client and its reactivation."""
    cursor = connection.cursor(row_factory=dict_row)
    values = {"company_id": company.company_id, "dialog_id": dialog_id}
    await cursor.execute(sql.dialog.sql, values | {"zone": company.timezone})
    row = await cursor.fetchone()
    assert row is not None
    return row


def dialog_of(row: Mapping[str, Any], now: datetime) -> Dialog:
    """The dialog as it stands: rested after a pause, begun afresh by a new reactivation. What a
    person has to settle stays."""
    dialog = Dialog.from_dict(row["state"])
    if row["spoke_at"] is not None:
        dialog = dialog.rested(now - row["spoke_at"])
    kept = dialog.state in {DialogState.STOPPED, DialogState.HANDED_OVER}
    if dialog.reactivation_id != row["reactivation_id"] and not kept:
        dialog = _begun(row, dialog.last_said, now)
    return replace(
        dialog,
        service_id=dialog.service_id or row["service_id"],
        staff_id=dialog.staff_id or row["staff_id"],
        usual_at=row["usual_at"],
    )


def _begun(row: Mapping[str, Any], last_said: str, now: datetime) -> Dialog:
    """A dialog about a campaign message: the times that it named stand on offer."""
    times = [offered_times.from_plain(plain) for plain in row["message_times"] or ()]
    offered = tuple(free for free in times if free.starts_at > now)
    return Dialog(
        state=DialogState.OFFERED if offered else DialogState.IDLE,
        reactivation_id=row["reactivation_id"],
        offered=offered,
        last_said=last_said,
    )


async def brief(
    connection: Connection,
    company: Company,
    row: Mapping[str, Any],
    dialog: Dialog,
    reading: Reading,
    text: str,
    now: datetime,
) -> Briefing:
    """The dialog with the service and the master that a text names, and what may be said."""
    listed = await _services(connection, company)
    named_ones = named_services(text, _between(dialog, listed)) or named_services(text, listed)
    if (chosen := _by_number(text, dialog, listed)) is not None:
        named_ones = (chosen,)
    reading = _about_own(text, dialog, reading)
    choice = dialogs.choose_service(dialog, reading, named_ones, listed)
    dialog, reading = choice.dialog, choice.reading
    service = next((one for one in listed if one.service_id == dialog.service_id), None)
    values = {"company_id": company.company_id, "service_id": dialog.service_id}
    rows = await (await connection.execute(sql.masters.sql, values)).fetchall()
    masters = {name: staff_id for staff_id, name, does in rows if does}
    master = named(text, [name for _, name, _ in rows])
    if master is not None:
        reading = dialogs.about_master(reading, does=master in masters)
        if reading.topic is Topic.MASTER and not dialog.offered:
            dialog = replace(dialog, wish=reading.when or dialog.wish)
    if master in masters:
        dialog = dialogs.with_master(dialog, reading, masters[master])
    usual = next((name for name, id_ in masters.items() if id_ == dialog.staff_id), None)
    asked_for = master or (None if names_somebody(text) else usual)
    hours = await (await connection.execute(sql.hours.sql, values)).fetchall()
    spoken = say_title(service.title, company.locale) if service else None
    offer, offer_on = standing_offer(row, now)
    known = Known(
        asked_about=_asked_about(named_ones, service),
        services=[one.title for one in listed],
        masters=[*masters],
        hours=[(day, opens, closes) for day, opens, closes in hours],
        asked_for=asked_for,
        offer=offer,
        offer_on=offer_on,
        by_name=bool(named_ones),
    )
    voice = Voice(
        locale=company.locale,
        address=company.address,
        company_name=say_company(company.name, company.locale),
        service=spoken.called if spoken else None,
        for_service=spoken.wanted if spoken else None,
        master=asked_for if asked_for in masters else None,
        facts=facts(company, known),
    )
    titled = replace(dialog, service_title=service.title if service else None)
    return Briefing(dialog=titled, reading=reading, voice=voice, move=choice.move)


async def _services(connection: Connection, company: Company) -> list[Listed]:
    """The active services, the most wanted first."""
    values = {"company_id": company.company_id}
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(sql.services.sql, values)
    return [Listed(**row) for row in await cursor.fetchall()]


def _between(dialog: Dialog, listed: list[Listed]) -> list[Listed]:
    """The services between which was asked."""
    return [one for one in listed if one.service_id in dialog.services]


def _by_number(text: str, dialog: Dialog, listed: list[Listed]) -> Listed | None:
    """«2» after services that were numbered."""
    digits = [char for char in text if char.isdigit()]
    letters = sum(char.isalpha() for char in text)
    if dialog.state is not DialogState.ASKED_SERVICE or len(digits) != 1 or letters > 2:
        return None
    place = int(digits[0])
    if not 1 <= place <= len(dialog.services):
        return None
    wanted = dialog.services[place - 1]
    return next((one for one in listed if one.service_id == wanted), None)


def _about_own(text: str, dialog: Dialog, reading: Reading) -> Reading:
    """«Маникюр», where it was asked which of the client's bookings is meant."""
    if dialog.state is not DialogState.ASKED_BOOKING or reading.choice is not None:
        return reading
    own = [
        Listed(service_id=place, title=booking.service_title or "")
        for place, booking in enumerate(dialog.own, 1)
    ]
    meant = named_services(text, own)
    return replace(reading, choice=meant[0].service_id) if len(meant) == 1 else reading


def _asked_about(named_ones: tuple[Listed, ...], usual: Listed | None) -> list[Listed]:
    """The usual one where it is among those named, or where none is."""
    if usual is not None and (not named_ones or usual in named_ones):
        return [usual]
    return list(named_ones)


def standing_offer(row: Mapping[str, Any], now: datetime) -> tuple[Offer | None, date | None]:
    """What the message promised, while it holds, and the day from which that counts."""
    if not row["offer"]:
        return None, None
    names = {item.name for item in fields(Offer)}
    offer = Offer(**{name: value for name, value in row["offer"].items() if name in names})
    on: date | None = row["sent_at"].astimezone(now.tzinfo).date() if row["sent_at"] else None
    if offer.valid_days is None or on is None:
        return offer, on
    days = timedelta(days=offer.valid_days)
    if until := row["offer"].get("valid_until"):  # the day that the message named
        on = date.fromisoformat(until) - days
    return (offer, on) if now.date() <= on + days else (None, None)
