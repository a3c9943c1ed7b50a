"""The event loop: what clients do as time goes by, and how they take what is sent to them."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeAlias

from vernis.domain import BookingState, Intent
from vernis.errors import NotFoundError, TimeTakenError
from vernis.simulation import figures, people, rhythm
from vernis.simulation.calendar import Calendar, Place
from vernis.simulation.clients import Client, Lapse, Life, Streams, Wish
from vernis.simulation.events import Booked, Came, Cancelled, Event, NoShow, Offered, Replied
from vernis.simulation.people import Reaction, Stage, Talk
from vernis.simulation.salon import Service
from vernis.simulation.world import Appointment, Line, World

_Happening: TypeAlias = Callable[[], Iterable[Event]]
_MINDFUL = timedelta(days=1)  # nobody calls about what they are just writing about


class Simulation:
    """A world that lives on. Events come out in order of time; `now` never goes back.

    Each client has one stream of chance for their own life and one for dialogs, so that two runs
    that send different messages differ only where a message made a difference: to the one who
    got it, or to one whose time in the diary was taken.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.now = world.starts_at
        self.lives = {key: replace(life, done=dict(life.done)) for key, life in world.lives.items()}
        self.appointments = [replace(one) for one in world.appointments]
        self.calendar = Calendar(world.salon)
        self._zone = world.salon.zone
        self._clients = {client.key: client for client in world.clients}
        self._services = {service.code: service for service in world.salon.services}
        self._talks: dict[str, Talk] = {}
        self._own = Streams(seed, world.start, "own")
        self._talking = Streams(seed, world.start, "talk")
        self._queue: list[tuple[datetime, int, _Happening]] = []
        self._pushed = 0
        for client in world.clients:
            self._await_wish(client)
        for appointment in self.appointments:
            if appointment.state is BookingState.BOOKED:
                self.calendar.take(*self._place(appointment))
                self._push(appointment.fate_at, partial(self._comes_to_pass, appointment))

    # --- what goes in and comes out ---------------------------------------------------------

    def next_at(self) -> datetime | None:
        """When the next thing happens by itself; None: nothing more."""
        return self._queue[0][0] if self._queue else None

    def advance_to(self, moment: datetime) -> list[Event]:
        """Let time go by up to and including `moment` (aware)."""
        events: list[Event] = []
        while self._queue and self._queue[0][0] <= moment:
            at, _, happen = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            events.extend(happen())
        self.now = max(self.now, moment)
        return events

    def message_sent(self, client_key: str, text: str, at: datetime) -> None:
        """A reactivation message reached the client's phone."""
        client, life = self._client(client_key)
        where = people.standing(client, life, at, self._zone)
        rng = self._talking[client_key]
        reaction = people.first_reaction(client, life, where, text, rng)
        life.messages += 1
        if reaction and client.reachable:
            talk = self._talks[client_key] = Talk(stage=Stage.OVER, since=at)
            self._will_react(client, talk, reaction, at=at, after=figures.FIRST_REPLY_MINUTES)

    def answer_sent(
        self, client_key: str, text: str, offered: Sequence[Offered], at: datetime
    ) -> None:
        """The client got an answer in a dialog, with the times in it that can be chosen.

        Confirm a booking by `booking_made` first, then send the confirmation. The words of
        `text` change nothing: what counts is whether there are times, and which.
        """
        del text
        client, _ = self._client(client_key)
        if talk := self._talks.get(client_key):
            rng = self._talking[client_key]
            reaction = people.next_reaction(client, talk, offered, self._zone, rng)
            if reaction:
                self._will_react(client, talk, reaction, at=at, after=figures.NEXT_REPLY_MINUTES)
            elif talk.stage is not Stage.REFUSED:
                talk.stage = Stage.OVER

    def booking_made(
        self,
        client_key: str,
        *,
        key: str,
        service_code: str,
        staff: str,
        starts_at: datetime,
        at: datetime,
    ) -> None:
        """Vernis booked; what becomes of it comes as an event with this `key`.

        Raises TimeTakenError where the diary has somebody else there.
        """
        client, life = self._client(client_key)
        service = self._services[service_code]
        place = self.calendar.place(staff, starts_at)
        if not self.calendar.take(place, _quarters(service.minutes)):
            raise TimeTakenError("The time was taken meanwhile: offer another one.")
        if talk := self._talks.get(client_key):
            talk.stage = Stage.BOOKED
        self._enter(client, life, [service], place, at=at, keys=[key])

    # --- what happens -----------------------------------------------------------------------

    def _wish_comes(self, client: Client, wish: Wish) -> Iterator[Event]:
        life = self.lives[client.key]
        if life.wish is not wish or life.ahead:
            return
        talk = self._talks.get(client.key)
        if talk and talk.stage in people.OPEN and self.now - talk.since < _MINDFUL:
            life.wish = Wish(wish.day, self.now + _MINDFUL)
            self._await_wish(client)
        else:
            yield from self._book(client, life, wish.day)

    def _book(self, client: Client, life: Life, day: date) -> Iterator[Event]:
        services = rhythm.services_for(client, life, day, self._own[client.key])
        place = self.calendar.choose(
            client.staff,
            wish=day,
            hour=client.hour,
            weekdays=client.weekdays,
            quarters=_quarters(sum(service.minutes for service in services)),
            not_before=self.now + timedelta(hours=1),
        )
        if place is None:
            life.wish = Wish(day + timedelta(days=7), self.now + timedelta(days=5))
            self._await_wish(client)
            return
        self.calendar.take(place, _quarters(sum(service.minutes for service in services)))
        number = len(self.appointments)
        keys = [f"{number}-{n}" for n in range(1, len(services) + 1)]
        appointment = self._enter(client, life, services, place, at=self.now, keys=keys)
        for line in appointment.lines:
            yield Booked(
                at=self.now,
                key=line.key,
                client_key=client.key,
                service_code=line.service.code,
                staff=appointment.staff,
                starts_at=line.starts_at,
                ends_at=line.ends_at,
            )

    def _enter(
        self,
        client: Client,
        life: Life,
        services: Sequence[Service],
        place: Place,
        *,
        at: datetime,
        keys: Sequence[str],
    ) -> Appointment:
        """Write an appointment into the diary and draw its hidden fate."""
        rng = self._own[client.key]
        percent = 90 if rng.random() < figures.DISCOUNT else 100
        fate, moment = rhythm.fate(client, rng), rng.random()
        lines: list[Line] = []
        starts_at = self.calendar.moment(place)
        for key, service in zip(keys, services, strict=True):
            ends_at = starts_at + timedelta(minutes=service.minutes)
            amount = service.price_minor * percent // 100
            lines.append(
                Line(
                    key=key,
                    service=service,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    amount_minor=amount,
                )
            )
            starts_at = ends_at
        fate_at = lines[-1].ends_at
        if fate is BookingState.CANCELLED:
            fate_at = at + (lines[0].starts_at - at) * moment
        appointment = Appointment(
            client_key=client.key,
            staff=place.staff,
            lines=tuple(lines),
            booked_at=at,
            fate=fate,
            fate_at=fate_at,
        )
        self.appointments.append(appointment)
        life.ahead += 1
        life.wish = None
        self._push(fate_at, partial(self._comes_to_pass, appointment))
        return appointment

    def _comes_to_pass(self, appointment: Appointment) -> Iterator[Event]:
        client, life = self._client(appointment.client_key)
        rng, on = self._own[client.key], self.now.astimezone(self._zone).date()
        appointment.state = appointment.fate
        life.ahead -= 1
        for line in appointment.lines:
            yield _outcome(appointment, line, self.now)
        if appointment.state is BookingState.COMPLETED:
            life.visits += 1
            life.last_visit = on
            life.done.update({line.service.code: on for line in appointment.lines})
            life.messages, life.lapse = 0, None
        elif appointment.state is BookingState.CANCELLED:
            self.calendar.release(*self._place(appointment))
        if life.ahead:
            return
        if appointment.state is not BookingState.COMPLETED:
            cancelled = appointment.state is BookingState.CANCELLED
            rhythm.after_no_visit(client, life, on, self._zone, rng, cancelled=cancelled)
        else:
            rhythm.after_visit(client, life, on, self._zone, rng)
            if life.wish and not life.lapse and rng.random() < client.books_ahead:
                yield from self._book(client, life, life.wish.day)
                return
        self._await_wish(client)

    def _reacts(self, client: Client, talk: Talk, reaction: Reaction) -> Iterator[Event]:
        life = self.lives[client.key]
        late = self._talks.get(client.key) is not talk
        if late or (life.ahead and reaction.stage in people.OPEN):
            return
        talk.since = self.now
        people.spoke(talk, reaction)
        if reaction.text is None:
            if not life.ahead:
                days = self._talking[client.key].randint(1, 7)
                today = self.now.astimezone(self._zone).date()
                yield from self._book(client, life, today + timedelta(days=days))
            return
        if reaction.meaning in {Intent.OPT_OUT, Intent.COMPLAINT}:
            life.opted_out |= reaction.meaning is Intent.OPT_OUT
            if self._talking[client.key].random() < figures.IRRITATED_LEAVE:
                life.lapse, life.wish = Lapse.ELSEWHERE, None
        yield Replied(
            at=self.now,
            client_key=client.key,
            phone=client.reachable or "",
            text=reaction.text,
            meaning=reaction.meaning,
            chosen=reaction.chosen,
        )

    # --- time and places --------------------------------------------------------------------

    def _will_react(
        self,
        client: Client,
        talk: Talk,
        reaction: Reaction,
        *,
        at: datetime,
        after: tuple[float, float],
    ) -> None:
        rng = self._talking[client.key]
        when = people.awake(at + people.delay(rng, after), self._zone, rng)
        self._push(when, partial(self._reacts, client, talk, reaction))

    def _await_wish(self, client: Client) -> None:
        if wish := self.lives[client.key].wish:
            self._push(wish.calls_at, partial(self._wish_comes, client, wish))

    def _push(self, at: datetime, happen: _Happening) -> None:
        heapq.heappush(self._queue, (max(at, self.now), self._pushed, happen))
        self._pushed += 1

    def _place(self, appointment: Appointment) -> tuple[Place, int]:
        place = self.calendar.place(appointment.staff, appointment.starts_at)
        return place, _quarters(appointment.minutes)

    def _client(self, client_key: str) -> tuple[Client, Life]:
        if client_key not in self._clients:
            raise NotFoundError("There is no such client in the simulated salon.")
        return self._clients[client_key], self.lives[client_key]


def _quarters(minutes: int) -> int:
    return -(-minutes // 15)


def _outcome(appointment: Appointment, line: Line, at: datetime) -> Event:
    key, client_key = line.key, appointment.client_key
    if appointment.state is BookingState.COMPLETED:
        return Came(at=at, key=key, client_key=client_key, amount_minor=line.amount_minor)
    if appointment.state is BookingState.CANCELLED:
        return Cancelled(at=at, key=key, client_key=client_key)
    return NoShow(at=at, key=key, client_key=client_key)
