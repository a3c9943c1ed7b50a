"""How clients take what is sent to them, and how they put it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vernis.domain import Intent
from vernis.simulation import figures, people, phrases
from vernis.simulation.clients import Client, Habit, Lapse, Life, Wish, seeded
from vernis.simulation.events import Offered, Standing
from vernis.simulation.people import Stage, Talk
from vernis.simulation.salon import LINEN

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = LINEN.zone


def a_client(*, female: bool = True, lower_case: bool = False) -> Client:
    return Client(
        key="10001",
        name="Анна",
        phone="79000000001",
        reachable="79000000001",
        female=female,
        habits=(Habit(service=LINEN.services[0], rhythm_days=40),),
        extra=None,
        sigma=0.5,
        lapse=0.02,
        books_ahead=0.1,
        no_show=0.0,
        cancels=0.0,
        staff=("Ольга",),
        weekdays=(6, 7),
        hour=15,
        eager=1.0,
        on_whatsapp=True,
        lower_case=lower_case,
    )


def away(days: int, **life: object) -> Life:
    return Life(visits=5, last_visit=NOON.date() - timedelta(days=days), **life)  # type: ignore[arg-type]


def calls_in(days: int) -> Wish:
    return Wish(NOON.date() + timedelta(days=days + 2), NOON + timedelta(days=days))


def at(*moments: str) -> list[Offered]:
    return [
        Offered(
            service_code="101",
            staff="Ольга",
            starts_at=datetime.fromisoformat(f"2026-03-{moment}:00+03:00").astimezone(UTC),
        )
        for moment in moments
    ]


def reactions(where: Standing, life: Life, text: str = "Пора к нам?", count: int = 4000) -> list:
    rng = seeded("reactions")
    return [people.first_reaction(a_client(), life, where, text, rng) for _ in range(count)]


def part(found: list, *meanings: Intent) -> float:
    return sum(one is not None and one.meaning in meanings for one in found) / len(found)


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (away(50, ahead=1), Standing.BOOKED),
        (away(10), Standing.EARLY),
        (away(10, lapse=Lapse.MOVED), Standing.EARLY),
        (away(35, wish=calls_in(3)), Standing.READY),
        (away(35, wish=calls_in(20)), Standing.DUE),
        (away(90, lapse=Lapse.SLIPPED), Standing.SLIPPED),
        (away(90, lapse=Lapse.SLIPPED, wish=calls_in(2)), Standing.READY),
        (away(90, lapse=Lapse.ELSEWHERE), Standing.ELSEWHERE),
        (away(90, lapse=Lapse.MOVED), Standing.MOVED),
        (Life(), Standing.EARLY),
    ],
)
def test_a_message_meets_a_client_where_they_are(life: Life, expected: Standing) -> None:
    assert people.standing(a_client(), life, NOON, ZONE) is expected


def test_the_chances_of_a_reaction_leave_room_for_silence() -> None:
    for chances in figures.REACTIONS.values():
        assert 0 < sum(chances.values()) < 0.7


def test_who_is_due_books_more_than_who_was_written_to_too_early() -> None:
    due, early = reactions(Standing.DUE, away(50)), reactions(Standing.EARLY, away(10))
    assert part(due, Intent.BOOK) > 3 * part(early, Intent.BOOK)


def test_repeating_oneself_tires_and_annoys() -> None:
    first, third = reactions(Standing.DUE, away(50)), reactions(Standing.DUE, away(50, messages=2))
    assert part(third, Intent.BOOK) < part(first, Intent.BOOK) / 2
    assert part(third, Intent.OPT_OUT) > part(first, Intent.OPT_OUT)


def test_a_named_gift_raises_the_interest() -> None:
    plain = reactions(Standing.SLIPPED, away(90))
    gift = reactions(Standing.SLIPPED, away(90), "Дарим скидку 15%, запишем?")
    assert part(gift, Intent.BOOK) > part(plain, Intent.BOOK)


def test_who_is_not_on_whatsapp_says_nothing() -> None:
    client = a_client()
    object.__setattr__(client, "on_whatsapp", False)
    rng = seeded("nobody")
    found = {people.first_reaction(client, away(50), Standing.READY, "", rng) for _ in range(200)}
    assert found == {None}


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_a_choice_means_one_of_the_offered_times_only(index: int) -> None:
    offered = at("07T11:00", "07T12:00", "07T16:00", "08T16:00")
    others = {
        phrases.choice(offered, n, a_client(), ZONE, seeded(seed))
        for n in range(4)
        for seed in range(200)
        if n != index
    }
    own = {phrases.choice(offered, index, a_client(), ZONE, seeded(seed)) for seed in range(200)}
    assert len(own) > 5
    assert not own & others


def test_a_lone_offer_is_taken_with_a_plus_too() -> None:
    words = {phrases.choice(at("07T16:00"), 0, a_client(), ZONE, seeded(n)) for n in range(200)}
    assert "+" in words


def test_more_offers_than_there_are_ordinals_are_still_chosen_from() -> None:
    offered = at(*(f"07T{hour}:00" for hour in range(10, 20)))
    assert phrases.choice(offered, 9, a_client(), ZONE, seeded(1))


@pytest.mark.parametrize("female", [True, False])
@pytest.mark.parametrize("lower_case", [True, False])
def test_no_form_and_no_gap_is_left_in_a_phrase(*, female: bool, lower_case: bool) -> None:
    client, rng = a_client(female=female, lower_case=lower_case), seeded("phrases")
    for phrase in (*phrases.WISH, *phrases.OTHERS):
        assert not set(phrases.wished((phrase,), client, rng)) & set("{}[]|")
    plain = [*phrases.AFTER_ANSWER, *phrases.PROTEST, *phrases.THANKS]
    for phrase in (*plain, *(one for many in phrases.FIRST.values() for one in many)):
        text = phrases.typed(phrase, client, rng)
        assert text
        assert not set(text) & set("{}[]|")


def test_the_gender_of_a_client_is_heard() -> None:
    said = phrases.FIRST[Intent.ALREADY_BOOKED][0]
    assert phrases.typed(said, a_client(), seeded(5)).startswith("Я уже записана")
    assert phrases.typed(said, a_client(female=False), seeded(5)).startswith("Я уже записан")


def answered(talk: Talk, offered: list[Offered], count: int = 300) -> list:
    return [
        people.next_reaction(a_client(), talk, offered, ZONE, seeded("answer", n))
        for n in range(count)
    ]


def test_a_time_that_suits_is_taken_more_often() -> None:
    talk = Talk(stage=Stage.WANTS, since=NOON)
    suits, suits_not = answered(talk, at("07T15:00")), answered(talk, at("04T10:00"))

    def taken(found: list) -> int:
        return sum(one is not None and one.stage is Stage.CHOSE for one in found)

    assert taken(suits) > 2 * taken(suits_not)
    assert any(one and one.stage is Stage.WANTS for one in suits_not)


@pytest.mark.parametrize(
    ("stage", "offered", "meanings"),
    [
        (Stage.BOOKED, [], {Intent.NEUTRAL}),
        (Stage.REFUSED, [], set()),
        (Stage.REFUSED, at("07T15:00"), {Intent.DECLINE}),
        (Stage.OVER, at("07T15:00"), set()),
        (Stage.ASKED, [], {Intent.BOOK}),
    ],
)
def test_an_answer_is_taken_by_what_was_expected(
    stage: Stage, offered: list[Offered], meanings: set[Intent]
) -> None:
    found = answered(Talk(stage=stage, since=NOON), offered)
    assert {one.meaning for one in found if one and one.text} == meanings
    assert None in found


def test_a_choice_that_did_not_book_is_said_again_once_and_clearly() -> None:
    chosen = at("07T15:00")[0]
    again = answered(Talk(stage=Stage.CHOSE, since=NOON, chosen=chosen), [])
    assert any(one and one.text and "7 марта" in one.text.lower() for one in again)
    given_up = answered(Talk(stage=Stage.CHOSE, since=NOON, chosen=chosen, repeated=True), [])
    assert not any(one and one.text for one in given_up)


@pytest.mark.parametrize(
    ("hour", "expected_day"), [(3, date(2026, 3, 2)), (23, date(2026, 3, 3)), (12, None)]
)
def test_nobody_writes_at_night(hour: int, expected_day: date | None) -> None:
    moment = datetime(2026, 3, 2, hour, 30, tzinfo=ZONE).astimezone(UTC)
    found = people.awake(moment, ZONE, seeded(1))
    if expected_day is None:
        assert found == moment
    else:
        assert found.astimezone(ZONE).date() == expected_day
        assert found.astimezone(ZONE).hour == 9


def test_a_reply_comes_within_two_days() -> None:
    rng = seeded("delays")
    delays = [people.delay(rng, figures.FIRST_REPLY_MINUTES) for _ in range(5000)]
    assert timedelta(0) < min(delays) < timedelta(minutes=2)
    assert timedelta(days=1) < max(delays) <= timedelta(days=2, minutes=1)
