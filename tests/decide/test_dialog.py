"""Dialogs from the client's words to the moves, and what may never happen in one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.reception import dialog as dialogs
from vernis.decide.reception import moves, offering, own_bookings
from vernis.decide.reception.details import refined
from vernis.decide.reception.dialog_state import Dialog, DialogState, advance
from vernis.decide.reception.moves import Book, Change, FindBookings, Move, OfferTimes, Why
from vernis.decide.reception.named_services import Listed
from vernis.decide.reception.phrases import Voice, say
from vernis.decide.replies.reading import read
from vernis.domain import (
    Appointment,
    FreeTime,
    Intent,
    Locale,
    MessageKind,
    Reading,
    Topic,
    When,
)

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 5, 13, 11, tzinfo=MOSCOW)  # a Wednesday
KNOWN = frozenset({Topic.PRICE, Topic.ADDRESS})


def at(day: int, hour: int, minute: int = 0, staff: int = 1) -> FreeTime:
    start = datetime(2026, 5, day, hour, minute, tzinfo=MOSCOW).astimezone(ZoneInfo("UTC"))
    return FreeTime(
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        staff_id=staff,
        staff_name={1: "Анна", 2: "Олег"}[staff],
        service_id=7,
        service_title="Стрижка",
    )


CALENDAR = tuple(at(day, hour) for day in range(14, 24) for hour in (10, 12, 16, 19))


def booked(day: int, hour: int, number: int = 1, **values: object) -> Appointment:
    free = at(day, hour)
    known: dict[str, object] = {
        "booking_ids": (number,),
        "on": free.starts_at.astimezone(MOSCOW).date(),
        "starts_at": free.starts_at,
        "staff_id": 1,
        "staff_name": "Анна",
        "service_id": 7,
        "service_title": "Стрижка",
    }
    return Appointment(**known | values)


def step(
    dialog: Dialog,
    text: str,
    times: Sequence[FreeTime] = CALENDAR,
    own: Sequence[Appointment] = (),
) -> tuple[Move, Dialog]:
    """What a stage does with one message: read, decide, look up, carry out."""
    shown = dialog.offered or own_bookings.choices(dialog.own)
    reading = refined(read(text, now=NOW, offered=shown), text, now=NOW)
    move = dialogs.decide(dialog, reading, now=NOW, known=KNOWN)
    while isinstance(move, FindBookings | OfferTimes):
        turn = look(dialog, move, times, own)
        move, dialog = turn.move, turn.dialog
        if not isinstance(move, FindBookings | OfferTimes | Book | Change):
            return move, dialog
    return move, advance(dialog, move)


def look(
    dialog: Dialog,
    move: FindBookings | OfferTimes,
    times: Sequence[FreeTime],
    own: Sequence[Appointment],
) -> own_bookings.Turn | offering.Turn:
    if isinstance(move, FindBookings):
        return own_bookings.found(dialog, move, own, now=NOW)
    found = [
        free
        for free in times
        if move.first_day <= free.starts_at.astimezone(MOSCOW).date() <= move.last_day
    ]
    return offering.offer(
        dialog,
        move.when,
        found,
        now=NOW,
        definite=move.definite,
        asked=move.asked,
        not_on=move.not_on,
    )


WALKS = [
    (["да", "второй", "спасибо"], ["Offered", "Book", "Nothing"]),
    (["да", "да", "последний"], ["Offered", "AskWhich", "Book"]),
    (["запишите на субботу", "в 4"], ["Offered", "Book"]),
    (["в субботу в 16:00"], ["Book"]),
    (["запишите меня в субботу в 16:00", "спасибо большое!"], ["Book", "Nothing"]),
    (["в субботу в 16:00 свободно?", "да"], ["Offered", "Book"]),
    (["в субботу в 15:00", "16:00"], ["Offered", "Book"]),
    (["Нет, завтра не могу, давайте в пятницу", "12:00"], ["Offered", "Book"]),
    (["да", "нет, другое время", "первое"], ["Offered", "Offered", "Book"]),
    (["в субботу", "а попозже есть?", "давайте"], ["Offered", "Offered", "Book"]),
    (["да", "а в субботу есть?", "в 10"], ["Offered", "Offered", "Book"]),
    (["да", "нет, передумала"], ["Offered", "Goodbye"]),
    (["да", "нет спасибо", "спасибо"], ["Offered", "Goodbye", "Nothing"]),
    (["нет"], ["Goodbye"]),
    (["нет", "спасибо", "👍"], ["Goodbye", "Nothing", "Nothing"]),
    (["нет", "хотя давайте в пятницу", "10:00"], ["Goodbye", "Offered", "Book"]),
    (["стоп"], ["OptOut"]),
    (["стоп", "стоп"], ["OptOut", "Nothing"]),
    (["стоп", "запишите меня", "да"], ["OptOut", "HandOver", "HandOver"]),
    (["да", "не пишите мне больше"], ["Offered", "OptOut"]),
    (["да", "первый", "больше не пишите"], ["Offered", "Book", "OptOut"]),
    (["позовите администратора", "ау", "да", "стоп"], ["HandOver", "Nothing", "Nothing", "OptOut"]),
    (["вы мне волосы испортили"], ["HandOver"]),
    (["да", "в прошлый раз меня ужасно подстригли"], ["Offered", "HandOver"]),
    (["уже записана", "на субботу"], ["NoBookings", "HandOver"]),
    (["была у вас на прошлой неделе", "спасибо"], ["ThankAlreadyBooked", "Nothing"]),
    (["вы ошиблись номером", "спасибо"], ["WrongPerson", "Nothing"]),
    (["сколько стоит?", "хорошо, давайте в субботу", "1"], ["AnswerQuestion", "Offered", "Book"]),
    (["а парковка есть?"], ["HandOver"]),
    (["какой адрес?"], ["AnswerQuestion"]),
    (["чем вы красите?"], ["HandOver"]),
    (["позже"], ["RemindLater"]),
    (["через месяц", "спасибо"], ["RemindLater", "Nothing"]),
    (["спасибо"], ["Nothing"]),
    (["❤️"], ["Nothing"]),
    (["здравствуйте", "да"], ["AskDay", "Offered"]),
    (["лвралорвалр", "орплорп"], ["AskDay", "HandOver"]),
    (["да", "первый или второй", "второй"], ["Offered", "AskWhich", "Book"]),
    (["да", "лвралорвалр", "орплорп"], ["Offered", "AskWhich", "HandOver"]),
    (["да", "первый", "ок", "до встречи"], ["Offered", "Book", "Nothing", "Nothing"]),
    (["да", "первый", "а какой у вас адрес?"], ["Offered", "Book", "AnswerQuestion"]),
    (["yes please", "the second one", "thanks!"], ["Offered", "Book", "Nothing"]),
    (["Can I come on Saturday?", "4pm"], ["Offered", "Book"]),
    (["no thanks"], ["Goodbye"]),
    (["Da, davajte v subbotu", "v 4"], ["Offered", "Book"]),
    (["30 мая", "да"], ["NoTimes", "Offered"]),
]


@pytest.mark.parametrize(("texts", "expected"), WALKS)
def test_a_dialog_goes_its_way(texts: list[str], expected: list[str]) -> None:
    dialog = Dialog(service_id=7, staff_id=1)
    made = []
    for text in texts:
        move, dialog = step(dialog, text)
        made.append(type(move).__name__)
        dialog = Dialog.from_dict(json.loads(json.dumps(dialog.as_dict())))
    assert made == expected


def chosen(*texts: str) -> FreeTime:
    dialog = Dialog(staff_id=1)
    move: Move = moves.Nothing()
    for text in texts:
        move, dialog = step(dialog, text)
    assert isinstance(move, Book)
    return move.time


@pytest.mark.parametrize(
    ("texts", "time"),
    [
        (["в субботу в 16:00"], at(16, 16)),
        (["запишите на субботу", "в 4"], at(16, 16)),
        (["в субботу в 15:00", "16:00"], at(16, 16)),
        (["в субботу", "последний"], at(16, 16)),
        (["завтра в 7 вечера"], at(14, 19)),
        (["завтра вечером можно?", "да"], at(14, 19)),
    ],
)
def test_the_time_that_was_meant_is_booked(texts: list[str], time: FreeTime) -> None:
    assert chosen(*texts) == time


def test_a_question_about_a_time_is_no_booking() -> None:
    move, _ = step(Dialog(), "в субботу в 16:00 свободно?")
    assert isinstance(move, moves.Offered)
    assert move.times == (at(16, 16),)


def test_another_master_is_booked_only_with_a_yes() -> None:
    times = [at(16, 16, staff=2)]
    usual = Dialog(staff_id=1)
    move, dialog = step(usual, "в субботу в 16:00", times)
    assert isinstance(move, moves.Offered)
    assert isinstance(step(dialog, "да", times)[0], Book)
    assert isinstance(step(Dialog(), "в субботу в 16:00", times)[0], Book)


def test_a_time_that_was_taken_meanwhile_brings_new_offers() -> None:
    when = When(days=(at(16, 16).starts_at.date(),) * 2, hours=(time(16), time(16)))
    left = [at(16, 12), at(16, 19), at(17, 16)]
    turn = offering.offer(Dialog(staff_id=1), when, left, now=NOW, definite=True, taken=True)
    assert isinstance(turn.move, moves.Offered)
    assert turn.move.taken
    assert at(16, 19) in turn.move.times
    assert turn.dialog.state == DialogState.OFFERED


def test_offers_are_the_nearest_to_the_wish_and_on_different_days() -> None:
    turn = offering.offer(Dialog(), None, CALENDAR, now=NOW)
    assert isinstance(turn.move, moves.Offered)
    days = [free.starts_at.astimezone(MOSCOW).day for free in turn.move.times]
    assert days == [14, 15, 16]


def test_the_usual_master_comes_first() -> None:
    times = [at(14, 10, staff=2), at(14, 12, staff=1), at(14, 19, staff=2)]
    turn = offering.offer(Dialog(staff_id=1), None, times, now=NOW)
    assert at(14, 12) in turn.dialog.offered
    both = [at(14, 10, staff=2), at(14, 10, staff=1)]
    turn = offering.offer(Dialog(staff_id=1), None, both, now=NOW)
    assert turn.dialog.offered == (at(14, 10, staff=1),)


def test_other_times_are_not_those_already_shown() -> None:
    _, dialog = step(Dialog(), "в субботу")
    _, later = step(dialog, "другое время в субботу есть?")
    assert set(later.offered) - set(dialog.offered)


def test_a_time_of_the_past_is_neither_offered_nor_booked() -> None:
    past = at(13, 9)
    assert isinstance(offering.offer(Dialog(), None, [past], now=NOW).move, moves.NoTimes)
    dialog = Dialog(state=DialogState.OFFERED, offered=(past,))
    move = dialogs.decide(dialog, read("да", now=NOW, offered=dialog.offered), now=NOW)
    assert isinstance(move, OfferTimes)


def test_later_keeps_the_day_that_was_named() -> None:
    move, _ = step(Dialog(), "через месяц")
    assert isinstance(move, moves.RemindLater)
    assert move.on is not None
    assert (move.on.month, move.on.day) == (6, 13)


def test_two_programs_do_not_talk_to_each_other_for_ever() -> None:
    dialog = Dialog()
    made = []
    for _ in range(40):
        move, dialog = step(dialog, "а что-нибудь другое есть на этой неделе?")
        made.append(move)
    assert made[dialogs.MOST_TURNS] == moves.HandOver(why=Why.TOO_LONG)
    assert set(made[dialogs.MOST_TURNS + 1 :]) == {moves.Nothing()}


# --- the client's own bookings ---------------------------------------------------------------

FRIDAY, SATURDAY = booked(15, 12, 1), booked(16, 16, 2)

OWN_WALKS = [
    ([FRIDAY], ["отмените запись", "да"], ["AskCancel", "Change"]),
    ([FRIDAY], ["отмените запись", "нет"], ["AskCancel", "Keep"]),
    ([FRIDAY], ["cancel my appointment", "yes please"], ["AskCancel", "Change"]),
    ([FRIDAY], ["отмените запись", "в субботу", "первое"], ["AskCancel", "Offered", "Change"]),
    ([FRIDAY], ["отмените запись", "передумала отменять"], ["AskCancel", "Keep"]),
    ([FRIDAY], ["отмените запись", "лучше перенесите", "первое"],
     ["AskCancel", "Offered", "Change"]),
    ([FRIDAY], ["отмените запись", "лвралорвалр", "орплорп"],
     ["AskCancel", "AskCancel", "HandOver"]),
    ([FRIDAY], ["отмените запись", "а адрес какой?", "да"],
     ["AskCancel", "AnswerQuestion", "Change"]),
    ([FRIDAY], ["можно перенести?", "второе"], ["Offered", "Change"]),
    ([FRIDAY], ["можно перенести?", "нет, не надо"], ["Offered", "Keep"]),
    ([FRIDAY], ["можно перенести?", "отмените"], ["Offered", "AskCancel"]),
    ([FRIDAY], ["перенесите на субботу", "в 16:00"], ["Offered", "Change"]),
    ([FRIDAY], ["перенесите запись с пятницы"], ["Offered"]),
    ([FRIDAY, SATURDAY], ["отмените", "вторую", "да"],
     ["AskWhichBooking", "AskCancel", "Change"]),
    ([FRIDAY, SATURDAY], ["отмените", "субботнюю", "да"],
     ["AskWhichBooking", "AskCancel", "Change"]),
    ([FRIDAY, SATURDAY], ["отмените пятничную запись", "да"], ["AskCancel", "Change"]),
    ([FRIDAY, SATURDAY], ["отмените", "лвралорвалр", "орплорп"],
     ["AskWhichBooking", "AskWhichBooking", "HandOver"]),
    ([FRIDAY, SATURDAY], ["перенесите запись", "вторую", "первое"],
     ["AskWhichBooking", "Offered", "Change"]),
    ([FRIDAY], ["во сколько я записана?"], ["TellBookings"]),
    ([FRIDAY], ["я уже записана", "спасибо"], ["TellBookings", "Nothing"]),
    ([], ["отмените запись", "на пятницу"], ["NoBookings", "HandOver"]),
    ([], ["во сколько я записана?", "да"], ["NoBookings", "Offered"]),
    ([], ["да", "отмените"], ["Offered", "Goodbye"]),
    ([FRIDAY], ["да", "первый", "буду"], ["Offered", "Book", "TellBookings"]),
    ([FRIDAY], ["да", "первый", "не смогу прийти"], ["Offered", "Book", "AskCancel"]),
    ([FRIDAY], ["не смогу прийти", "стоп"], ["AskCancel", "OptOut"]),
]  # fmt: skip


@pytest.mark.parametrize(("own", "texts", "expected"), OWN_WALKS)
def test_own_bookings_go_their_way(
    own: list[Appointment], texts: list[str], expected: list[str]
) -> None:
    dialog = Dialog(service_id=7, staff_id=1)
    made = []
    for text in texts:
        move, dialog = step(dialog, text, own=own)
        made.append(type(move).__name__)
        dialog = Dialog.from_dict(json.loads(json.dumps(dialog.as_dict())))
    assert made == expected


def test_the_booking_that_was_meant_is_changed() -> None:
    _, dialog = step(Dialog(), "отмените", own=[FRIDAY, SATURDAY])
    _, dialog = step(dialog, "вторую", own=[FRIDAY, SATURDAY])
    move, after = step(dialog, "да", own=[FRIDAY, SATURDAY])
    assert move == Change(booking=SATURDAY, time=None)
    assert (after.state, after.own) == (DialogState.CLOSED, ())


def test_a_booking_keeps_its_service_and_its_master_where_it_is_moved() -> None:
    other = booked(15, 12, service_id=9, service_title="Маникюр", staff_id=2)
    _, dialog = step(Dialog(service_id=7, staff_id=1), "можно перенести?", own=[other])
    assert (dialog.service_id, dialog.staff_id) == (9, 2)


def test_the_usual_hour_comes_first() -> None:
    turn = offering.offer(Dialog(usual_at=time(16)), None, CALENDAR, now=NOW)
    hours = {free.starts_at.astimezone(MOSCOW).hour for free in turn.dialog.offered}
    assert hours == {16}


@given(
    st.lists(st.sampled_from(["отмените", "да", "нет", "вторую", "перенесите", "первое", "в 12:00",
                              "в субботу", "спасибо", "лвра", "буду", "не отменяйте"]), max_size=8)
)  # fmt: skip
def test_no_booking_is_changed_that_was_not_asked_about(texts: list[str]) -> None:
    own = [FRIDAY, SATURDAY]
    dialog = Dialog(service_id=7)
    for text in texts:
        before = dialog
        move, dialog = step(dialog, text, own=own)
        if isinstance(move, Change):
            assert before.own == (move.booking,)
            asked = DialogState.OFFERED if move.time else DialogState.ASKED_CANCEL
            assert before.state == asked
            assert move.time is None or move.time in before.offered or text == "в 12:00"
            own = [one for one in own if one != move.booking]


# --- services ----------------------------------------------------------------------------

CUT, COLOUR = Listed(service_id=7, title="Стрижка"), Listed(service_id=9, title="Окрашивание")
BOOKS = Reading(intent=Intent.BOOK, confidence=1)
ASKS = Reading(intent=Intent.QUESTION, confidence=1)


def test_a_named_service_is_what_is_talked_about_from_then_on() -> None:
    usual = Dialog(service_id=7, state=DialogState.OFFERED, offered=CALENDAR[:2])
    chosen = dialogs.choose_service(usual, BOOKS, [COLOUR], [CUT, COLOUR])
    assert (chosen.dialog.service_id, chosen.dialog.offered, chosen.move) == (9, (), None)
    same = dialogs.choose_service(usual, BOOKS, [CUT], [CUT, COLOUR])
    assert same.dialog.offered == CALENDAR[:2]
    asked = dialogs.choose_service(usual, ASKS, [COLOUR], [CUT, COLOUR])
    assert (asked.reading.topic, asked.dialog.service_id) == (Topic.SERVICES, 9)


def test_of_several_services_the_usual_one_is_meant_or_it_is_asked() -> None:
    both = [CUT, COLOUR]
    assert dialogs.choose_service(Dialog(service_id=7), BOOKS, both, both).move is None
    asked = dialogs.choose_service(Dialog(service_id=5), BOOKS, both, both)
    assert asked.move == moves.AskService(titles=("Стрижка", "Окрашивание"))
    dialog = advance(asked.dialog, asked.move)
    answer = Reading(intent=Intent.NEUTRAL, confidence=0.2)
    chosen = dialogs.choose_service(dialog, answer, [COLOUR], both)
    assert (chosen.dialog.service_id, chosen.reading.intent) == (9, Intent.BOOK)
    again = dialogs.choose_service(dialog, answer, [], both)
    assert isinstance(again.move, moves.AskService)
    lost = dialogs.choose_service(advance(again.dialog, again.move), answer, [], both)
    assert lost.move == moves.HandOver(why=Why.UNCLEAR)


def test_who_has_no_usual_service_is_asked_for_one_unless_there_is_only_one() -> None:
    asked = dialogs.choose_service(Dialog(), BOOKS, [], [CUT, COLOUR])
    assert isinstance(asked.move, moves.AskService)
    only = dialogs.choose_service(Dialog(), BOOKS, [], [CUT])
    assert (only.move, only.dialog.service_id) == (None, 7)


def test_a_booking_that_is_moved_does_not_change_its_service() -> None:
    moving = Dialog(service_id=7, own=(FRIDAY,), purpose=moves.Purpose.MOVE)
    chosen = dialogs.choose_service(moving, BOOKS, [COLOUR], [CUT, COLOUR])
    assert chosen.move == moves.HandOver(why=Why.CHANGE)


# --- without words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "move"),
    [
        ({MessageKind.VOICE}, moves.AskToWrite()),
        ({MessageKind.PHOTO}, moves.HandOver(why=Why.PICTURE)),
        ({MessageKind.VOICE, MessageKind.PHOTO}, moves.HandOver(why=Why.PICTURE)),
        ({"location"}, moves.HandOver(why=Why.PICTURE)),
        ({MessageKind.STICKER, MessageKind.REACTION}, moves.Nothing()),
    ],
)
def test_messages_without_words_get_a_treatment_each(kinds: set[str], move: Move) -> None:
    assert dialogs.without_words(Dialog(), frozenset(kinds)) == move
    for state in (DialogState.HANDED_OVER, DialogState.STOPPED):
        silent = dialogs.without_words(Dialog(state=state), frozenset(kinds))
        assert silent == moves.Nothing()


def test_a_dialog_that_rested_begins_anew() -> None:
    dialog = Dialog(state=DialogState.OFFERED, offered=CALENDAR[:2], turns=19, asked_to_write=True)
    assert dialog.rested(timedelta(hours=1)) == dialog
    next_day = dialog.rested(timedelta(hours=20))
    assert (next_day.turns, next_day.offered) == (0, CALENDAR[:2])
    assert dialog.rested(timedelta(days=20)) == Dialog()
    stopped = Dialog(state=DialogState.STOPPED)
    assert stopped.rested(timedelta(days=900)) == stopped


TEXTS = [
    "да",
    "нет",
    "второй",
    "2",
    "стоп",
    "спасибо",
    "в субботу в 16:00",
    "завтра",
    "другое время",
    "попозже",
    "сколько стоит?",
    "\n    кто это",
    "позовите администратора",
    "уже записана",
    "вы ошиблись",
    "через месяц",
    "👍",
    "не пишите больше",
    "ок",
    "лвра",
    "\n    можно перенести?",
    "отмените",
    "запишите меня",
    "10:00",
    "любое",
    "в 4",
    "yes",
    "the last one",
    "",
]


@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=30), max_size=8), st.booleans())
def test_whatever_is_said_the_promises_hold(texts: list[str], usual: bool) -> None:
    dialog = Dialog(staff_id=1 if usual else None)
    voice = Voice(facts=dict.fromkeys(KNOWN, "Да"))
    for text in texts:
        before = dialog
        move, dialog = step(dialog, text)
        if isinstance(move, Book):
            assert move.time in CALENDAR
        if before.state == DialogState.HANDED_OVER:
            assert isinstance(move, moves.Nothing | moves.OptOut)
        if before.state == DialogState.STOPPED:
            assert say(move, voice, now=NOW) is None
            assert dialog.state == DialogState.STOPPED
        for locale in Locale:
            said = say(move, replace(voice, locale=locale), now=NOW)
            assert said is None or said.strip()
        assert Dialog.from_dict(json.loads(json.dumps(dialog.as_dict()))) == dialog


@given(st.sampled_from(list(DialogState)))
def test_an_opt_out_is_obeyed_in_every_state(state: DialogState) -> None:
    dialog = Dialog(state=state, offered=CALENDAR[:2], turns=99)
    reading = Reading(intent=Intent.OPT_OUT, confidence=1)
    move = dialogs.decide(dialog, reading, now=NOW)
    assert advance(dialog, move).state == DialogState.STOPPED


def test_a_dialog_survives_json_with_everything_in_it() -> None:
    dialog = Dialog(
        state=DialogState.BOOKED,
        reactivation_id=5,
        service_id=7,
        service_title="Стрижка",
        staff_id=1,
        offered=CALENDAR[:2],
        wish=When(days=(NOW.date(), NOW.date()), hours=(time(10), time(12, 30))),
        services=(7, 9),
        own=(FRIDAY, booked(16, 16, starts_at=None)),
        purpose=moves.Purpose.CANCEL,
        usual_at=time(16, 30),
        booked=CALENDAR[0],
        asked_again=1,
        asked_to_write=True,
        turns=3,
        last_said="Есть время",
    )
    assert Dialog.from_dict(json.loads(json.dumps(dialog.as_dict()))) == dialog


def test_a_dialog_stored_by_another_version_is_read() -> None:
    assert Dialog.from_dict({"state": "closed", "mood": "sunny"}) == Dialog(
        state=DialogState.CLOSED
    )
    assert Dialog.from_dict({}) == Dialog()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("позовите администратора", Why.WANTS_PERSON),
        ("ужасно подстригли", Why.COMPLAINT),
        ("чем вы красите?", Why.QUESTION),
        ("опоздаю на 10 минут", Why.NOTE),
    ],
)
def test_a_handover_says_why(text: str, why: Why) -> None:
    move, _ = step(Dialog(), text)
    assert move == moves.HandOver(why=why)


OFFERED_BY_NOW = [  # Thursday to Saturday at 10:00 are on offer
    ("неудобно, а после 11?", "Offered"),
    ("после 13", "Offered"),
    ("в четверг утром", "Offered"),
    ("можно в четверг?", "Offered"),
    ("можно в четверг в 10?", "Offered"),
    ("второе?", "Offered"),
    ("утром", "AskWhich"),
    ("в 10", "AskWhich"),
    ("к моему мастеру", "AskWhich"),
    ("второе", "Book"),
    ("1й", "Book"),
    ("1-й", "Book"),
    ("№2", "Book"),
    ("2)", "Book"),
    ("цифра 2", "Book"),
    ("давайте в четверг", "Book"),
    ("в четверг в 10", "Book"),
    ("к другому мастеру можно?", "HandOver"),
]


@pytest.mark.parametrize(("text", "expected"), OFFERED_BY_NOW)
def test_only_one_definite_time_books_and_what_is_asked_for_is_offered(
    text: str, expected: str
) -> None:
    _, dialog = step(Dialog(staff_id=1), "да")
    move, _ = step(dialog, text)
    assert type(move).__name__ == expected


def test_one_of_several_times_that_is_asked_for_is_booked_after_a_yes() -> None:
    _, dialog = step(Dialog(), "да")
    move, dialog = step(dialog, "можно второе?")
    assert isinstance(move, moves.Offered)
    assert move == moves.Offered(times=(at(15, 10),))
    assert step(dialog, "да")[0] == Book(time=at(15, 10))


def days_of(move: Move) -> set[int]:
    assert isinstance(move, moves.Offered)
    return {free.starts_at.astimezone(MOSCOW).day for free in move.times}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("не подходит, в субботу можно?", {16}),
        ("во вторник никак?", {19}),
        ("а в пятницу не получится?", {15}),
    ],
)
def test_the_day_that_is_wished_instead_is_offered(text: str, days: set[int]) -> None:
    _, dialog = step(Dialog(), "да")
    assert days_of(step(dialog, text)[0]) == days


def test_a_weekday_refused_today_is_the_one_of_next_week_and_stays_it() -> None:
    times = [at(13, 15), *CALENDAR]  # today, a Wednesday
    _, dialog = step(Dialog(), "да", times)
    move, dialog = step(dialog, "не подходит, в среду можно?", times)
    assert days_of(move) == {20}
    move, _ = step(dialog, "лучше в среду утром", times)
    assert days_of(move) == {20}


def test_where_the_wished_day_was_full_hours_are_sought_on_the_offered_days() -> None:
    left = [free for free in CALENDAR if free.starts_at.astimezone(MOSCOW).day != 17]
    _, dialog = step(Dialog(), "в воскресенье", left)
    move, _ = step(dialog, "неудобно, а после 15?", left)
    assert 17 not in days_of(move)
    assert isinstance(move, moves.Offered)
    assert move.fits


def test_nothing_earlier_is_said_honestly_with_other_days() -> None:
    _, dialog = step(Dialog(), "в субботу")
    move, _ = step(dialog, "а пораньше есть?")
    assert 16 not in days_of(move)
    said = say(move, Voice(), now=NOW)
    assert said
    assert said.startswith("Раньше, к сожалению, нет. Есть в другие дни:")


def test_earlier_is_before_what_was_offered_on_that_day() -> None:
    offered = (at(14, 16), at(15, 10))
    dialog = Dialog(state=DialogState.OFFERED, offered=offered)
    move, _ = step(dialog, "а пораньше есть?")
    assert isinstance(move, moves.Offered)
    assert set(move.times) == {at(14, 10), at(14, 12)}


def test_the_same_master_is_offered_where_the_client_insists() -> None:
    times = [at(14, 10, staff=2), at(15, 10, staff=2), at(20, 12)]
    move, _ = step(Dialog(staff_id=1), "да, только к тому же мастеру", times)
    assert isinstance(move, moves.Offered)
    assert move.times == (at(20, 12),)


def test_a_master_who_is_named_comes_first() -> None:
    offered = (at(14, 10), at(15, 10, staff=2), at(16, 10, staff=2))
    dialog = Dialog(state=DialogState.OFFERED, staff_id=1, offered=offered)
    book = Reading(intent=Intent.BOOK, confidence=1)
    assert dialogs.with_master(dialog, book, 2).offered == offered[1:]
    second = replace(book, choice=2)
    assert dialogs.with_master(dialog, second, 2).offered == offered
    asks = Reading(intent=Intent.QUESTION, confidence=1, topic=Topic.MASTER)
    assert dialogs.with_master(dialog, asks, 1) == dialog


@pytest.mark.parametrize("text", ["завтра не могу", "только не в четверг", "в четверг никак"])
def test_a_day_at_which_the_client_cannot_is_not_offered_again(text: str) -> None:
    _, dialog = step(Dialog(), "да")
    assert 14 not in days_of(step(dialog, text)[0])
