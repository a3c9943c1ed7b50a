from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from salons import salon

from vernis.decide.plan import (
    ASKED,
    CONTACTED,
    Candidate,
    Room,
    arm_of,
    campaign,
    decide,
    look_at,
    next_wave_on,
    wave_days,
    wave_of,
)
from vernis.domain import Arm, Campaign, Reason, Source

ON = date(2024, 4, 1)
OPEN = salon(holdout_percent=0)


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def client(**known) -> Candidate:
    """Was here 30 days ago and comes every 30 days, unless `known` says otherwise."""
    away, interval = known.pop("away", 30), known.pop("interval", 30)
    number = known.get("client_id", 1)
    row = {
        "client_id": number,
        "external_key": f"C{number}",
        "name": "Анна",
        "phone": f"7999000{number:04}",
        "phone_state": "valid",
        "blacklisted": False,
        "consent": "unknown",
        "opted_out": False,
        "declined_on": None,
        "remind_on": None,
        "visited_since": False,
        "booked_on": None,
        "talked_on": None,
        "contacted_on": None,
        "open_reactivation": False,
        "attempts": 0,
        "last_attempt_on": None,
        "arm": None,
        "last_visit_on": ago(away),
        "interval_days": interval,
        "low_days": interval - interval // 4,
        "high_days": interval + interval // 4,
        "due_on": ago(away) + timedelta(days=interval),
        "first_on": ago(away) + timedelta(days=interval - min(5, interval // 10)),
        "interval_source": Source.PERSONAL,
        "confidence": 0.9,
        "service_id": 1,
        "service_title": "Стрижка",
        "staff_id": 1,
        "visit_count": 4,
        "spent_minor": 1_000_000,
        "returning_chance": 0.6,
        "falling_chance": 0.1,
    }
    return Candidate(**row | known)


DAYS_AGO = (None, None, None, -3, 0, 1, 5, 6, 7, 20, 40, 70, 120)
SELDOM = (False, False, False, False, False, True)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    """Any mixture, with phones that families share and clients of every kind."""
    random = draw(st.randoms(use_true_random=False))

    def some_day() -> date | None:
        days = random.choice(DAYS_AGO)
        return None if days is None else ago(days)

    found = []
    for number in range(1, draw(st.integers(0, 25)) + 1):
        away, attempts = (
            random.choice([0, 10, 30, 45, 90, 200, 365, 500]),
            random.choice([0, 0, 1, 2, 3]),
        )
        phone = random.choice([None, *(f"7999000{n:04}" for n in range(12))])
        found.append(
            client(
                client_id=number,
                phone=phone,
                phone_state="valid" if phone else random.choice(["missing", "invalid"]),
                away=away,
                interval=random.choice([4, 14, 30, 50, 120, 365]),
                blacklisted=random.choice(SELDOM),
                opted_out=random.choice(SELDOM),
                consent=random.choice(["unknown", "given", "given", "refused"]),
                declined_on=random.choice([None, some_day()]),
                remind_on=random.choice([None, some_day()]),
                visited_since=random.random() < 0.1,
                booked_on=random.choice([None, None, None, ON]),
                talked_on=some_day(),
                contacted_on=some_day(),
                open_reactivation=random.choice(SELDOM),
                attempts=attempts,
                last_attempt_on=ago(random.randint(0, away)) if attempts else None,
                arm=random.choice([None, *Arm]),
                spent_minor=random.choice([0, 100, 200]),
            )
        )
    return found


# --- who, and why not ----------------------------------------------------------------------------

FAILING: dict[Reason, dict[str, object]] = {
    Reason.BLACKLISTED: {"blacklisted": True},
    Reason.OPTED_OUT: {"opted_out": True},
    Reason.NO_CONSENT: {"consent": "refused"},
    Reason.NO_PHONE: {"phone": None, "phone_state": "missing"},
    Reason.INVALID_PHONE: {"phone": None, "phone_state": "invalid"},
    Reason.NOT_ON_CHANNEL: {"unreachable": True},
    Reason.GONE_TOO_LONG: {"away": 400},
    Reason.VISITED_SINCE: {"visited_since": True},
    Reason.FUTURE_BOOKING: {"booked_on": ON},
    Reason.DECLINED: {"declined_on": ON},
    Reason.ASKED_LATER: {"remind_on": ON + timedelta(days=3)},
    Reason.ATTEMPTS_EXHAUSTED: {"attempts": 3},
    Reason.CONTACTED_RECENTLY: {"open_reactivation": True},
    Reason.IN_DIALOG: {"talked_on": ON},
    Reason.NOT_DUE: {"interval": 90},
    Reason.HOLDOUT: {"arm": Arm.HOLDOUT},
}


@pytest.mark.parametrize("at", range(len(ASKED)))
def test_whoever_fails_a_check_is_not_asked_the_later_ones(at: int) -> None:
    known: dict[str, object] = {"away": 30, "interval": 30}
    for reason in reversed(ASKED[at:]):  # the earlier one has the last word
        known |= FAILING[reason]

    assert look_at(client(**known), OPEN, on=ON).reason is ASKED[at]


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, Reason.DUE),
        ({"away": 27}, Reason.DUE),  # the window opens three days before the due date
        ({"away": 26}, Reason.NOT_DUE),
        ({"away": 37}, Reason.DUE),  # the last day of the due window
        ({"away": 38}, Reason.LAPSED),
        ({"away": 365}, Reason.LAPSED),
        ({"away": 366}, Reason.GONE_TOO_LONG),
        ({"blacklisted": True}, Reason.BLACKLISTED),
        ({"opted_out": True}, Reason.OPTED_OUT),
        ({"consent": "refused"}, Reason.NO_CONSENT),
        ({"phone": None, "phone_state": "missing"}, Reason.NO_PHONE),
        ({"phone": None, "phone_state": "invalid"}, Reason.INVALID_PHONE),
        ({"unreachable": True}, Reason.NOT_ON_CHANNEL),
        ({"booked_on": ON}, Reason.FUTURE_BOOKING),
        ({"declined_on": ago(0)}, Reason.DECLINED),
        ({"declined_on": ago(30)}, Reason.DECLINED),
        ({"declined_on": ago(31)}, Reason.DUE),  # has been here since
        ({"remind_on": ON + timedelta(days=1)}, Reason.ASKED_LATER),
        ({"remind_on": ON}, Reason.DUE),
        ({"visited_since": True}, Reason.VISITED_SINCE),
        ({"attempts": 3, "last_attempt_on": ago(60), "away": 200}, Reason.ATTEMPTS_EXHAUSTED),
        ({"contacted_on": ago(6)}, Reason.CONTACTED_RECENTLY),
        ({"contacted_on": ago(7)}, Reason.DUE),
        ({"open_reactivation": True}, Reason.CONTACTED_RECENTLY),
        ({"talked_on": ago(0)}, Reason.IN_DIALOG),
        ({"talked_on": ago(1)}, Reason.IN_DIALOG),
        ({"talked_on": ago(2)}, Reason.DUE),
        ({"arm": Arm.HOLDOUT}, Reason.HOLDOUT),
    ],
)
def test_each_client_gets_a_reason(known, reason):
    assert look_at(client(**known), OPEN, on=ON).reason is reason


@pytest.mark.parametrize(
    ("consent", "reason"),
    [("unknown", Reason.NO_CONSENT), ("refused", Reason.NO_CONSENT), ("given", Reason.DUE)],
)
def test_a_company_can_require_consent(consent, reason):
    company = salon(consent_required=True, holdout_percent=0)

    assert look_at(client(consent=consent), company, on=ON).reason is reason


def test_the_lasting_reason_is_told_before_the_passing_one():
    everything = client(
        blacklisted=True, opted_out=True, phone=None, booked_on=ON, contacted_on=ON, away=5
    )

    assert look_at(everything, OPEN, on=ON).reason is Reason.BLACKLISTED


def test_who_is_not_due_yet_is_told_when():
    verdict = look_at(client(away=10), OPEN, on=ON)

    assert verdict.next_on == ON + timedelta(days=17)
    assert look_at(client(away=10), OPEN, on=verdict.next_on).reason is Reason.DUE


# --- waves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "wave"), [(0, 1), (29, 1), (59, 1), (60, 2), (89, 2), (90, 3), (500, 3)]
)
def test_waves_begin_at_one_two_and_three_times_their_days(away, wave):
    assert wave_of(away, 30) == wave


@pytest.mark.parametrize(
    ("written_at", "next_at"),
    [
        (27, 60),  # early, in the window of the due date
        (30, 60),
        (59, 60),
        (60, 90),
        (75, 90),  # met late: in the wave that the absence says
        (90, None),
        (200, None),
    ],
)
def test_one_attempt_a_wave(written_at, next_at):
    opens = next_wave_on(ON, 30, ON + timedelta(days=written_at), None)

    assert opens == (None if next_at is None else ON + timedelta(days=next_at))


def test_who_asked_for_a_day_is_written_to_on_that_day_instead_of_the_next_wave():
    asked = client(away=35, attempts=1, last_attempt_on=ago(8), contacted_on=ago(8), remind_on=ON)

    verdict = look_at(asked, OPEN, on=ON)

    assert (verdict.reason, verdict.attempt) == (Reason.DUE, 2)


def test_a_day_that_was_asked_for_counts_once():
    reminded = client(away=40, attempts=2, last_attempt_on=ago(10), remind_on=ago(10))

    verdict = look_at(reminded, OPEN, on=ON)

    assert (verdict.reason, verdict.next_on) == (Reason.NOT_DUE, ON + timedelta(days=20))


def test_after_the_last_wave_there_is_nothing_more():
    met_late = client(away=200, attempts=1, last_attempt_on=ago(50))

    assert look_at(met_late, OPEN, on=ON).reason is Reason.ATTEMPTS_EXHAUSTED


@pytest.mark.parametrize(
    ("interval", "first", "days"), [(30, 27, 30), (7, 7, 7), (24, 37, 37), (6, 37, 37)]
)
def test_the_waves_go_by_the_interval_or_by_a_first_message_that_waits_longer(
    interval, first, days
):
    assert wave_days(interval, first) == days


@pytest.mark.parametrize(
    ("interval", "first", "days"),
    [
        (40, 36, [36, 80, 120]),
        # the first waits until half of the expected returns have come: by the interval the second
        # would follow 11 days later, and for a short one the last wave would be over before it
        (24, 37, [37, 74, 111]),
        (6, 37, [37, 74, 111]),
    ],
)
def test_an_unanswered_client_is_written_to_once_a_wave(interval, first, days):
    someone, written = client(away=0, interval=interval, first_on=ON + timedelta(days=first)), []
    for day in range(400):
        verdict = look_at(someone, OPEN, on=ON + timedelta(days=day))
        if verdict.reason in CONTACTED:
            written.append((day, verdict.attempt))
            today = ON + timedelta(days=day)
            someone = replace(
                someone, attempts=len(written), last_attempt_on=today, contacted_on=today
            )

    assert written == [(day, attempt) for attempt, day in enumerate(days, 1)]


def test_a_company_can_allow_fewer_attempts():
    wrote = client(away=70, attempts=1, last_attempt_on=ago(40))

    one = look_at(wrote, salon(max_attempts=1, holdout_percent=0), on=ON)
    two = look_at(wrote, salon(max_attempts=2, holdout_percent=0), on=ON)

    assert one.reason is Reason.ATTEMPTS_EXHAUSTED
    assert (two.reason, two.attempt) == (Reason.LAPSED, 2)


# --- the cap -------------------------------------------------------------------------------------


def test_those_come_first_with_whom_waiting_costs_most():
    some = [
        client(client_id=1, spent_minor=500_00, falling_chance=0.02),  # long gone, little to lose
        client(client_id=2, spent_minor=200_00, falling_chance=0.20),
        client(client_id=3, spent_minor=300_00, falling_chance=0.20),
        client(client_id=4, spent_minor=900_00, falling_chance=None),  # not looked at for a week
    ]

    plan = decide(some, OPEN, on=ON)

    assert [d.candidate.client_id for d in plan.contacts] == [3, 2, 1, 4]
    assert [d.candidate.at_stake for d in plan.contacts] == [60_00, 40_00, 10_00, 0]


def test_where_no_prices_are_known_the_chance_alone_decides():
    some = [
        client(client_id=1, spent_minor=0, falling_chance=0.1),
        client(client_id=2, spent_minor=0, falling_chance=0.3),
    ]

    assert [d.candidate.client_id for d in decide(some, OPEN, on=ON).contacts] == [2, 1]


def test_of_equals_those_come_first_who_spent_more_then_the_longest_overdue():
    some = [
        client(client_id=1, away=40, spent_minor=100),
        client(client_id=2, away=90, spent_minor=100),
        client(client_id=3, away=40, spent_minor=900),
        client(client_id=4, away=90, spent_minor=100),
    ]

    plan = decide(some, OPEN, on=ON)

    assert [d.candidate.client_id for d in plan.contacts] == [3, 2, 4, 1]


def test_what_the_cap_leaves_over_has_its_reason():
    plan = decide([client(client_id=n) for n in range(1, 6)], salon(daily_cap=2), on=ON, planned=1)

    assert plan.counts[Reason.DUE] == 1
    assert plan.counts[Reason.DAILY_CAP] == 5 - 1 - plan.counts[Reason.HOLDOUT]


def test_a_cap_that_was_lowered_during_the_day_lets_nobody_through():
    plan = decide([client()], salon(daily_cap=3, holdout_percent=0), on=ON, planned=5)

    assert plan.counts == {Reason.DAILY_CAP: 1}


def test_a_number_that_may_open_few_chats_writes_to_the_known_beside_them():
    some = [client(client_id=n, spent_minor=9 - n, heard=n in {3, 4}) for n in range(1, 6)]

    plan = decide(some, OPEN, on=ON, room=Room(messages=3, new_chats=1))

    assert [d.candidate.client_id for d in plan.contacts] == [1, 3, 4]
    assert plan.counts == {Reason.DUE: 3, Reason.ACCOUNT_LIMIT: 2}


def test_where_the_number_is_full_nobody_is_held_out_either():
    some = [client(client_id=1, spent_minor=2), client(client_id=2, arm=Arm.HOLDOUT, spent_minor=1)]

    plan = decide(some, OPEN, on=ON, room=Room(messages=9, new_chats=1))

    assert plan.counts == {Reason.DUE: 1, Reason.ACCOUNT_LIMIT: 1}


def test_a_family_with_one_phone_gets_one_message():
    family = [
        client(client_id=1, phone="79990000001", spent_minor=1),
        client(client_id=2, phone="79990000001", spent_minor=2),
    ]

    plan = decide(family, OPEN, on=ON)

    assert [d.candidate.client_id for d in plan.contacts] == [2]
    assert plan.counts[Reason.SHARED_PHONE] == 1


def test_the_phone_of_a_held_out_client_is_not_written_to_through_the_family():
    family = [
        client(client_id=1, phone="79990000001", spent_minor=1),
        client(client_id=2, phone="79990000001", spent_minor=2, arm=Arm.HOLDOUT),
    ]

    plan = decide(family, OPEN, on=ON)

    assert plan.contacts == []
    assert plan.counts == {Reason.HOLDOUT: 1, Reason.SHARED_PHONE: 1}


def test_held_out_clients_take_no_place_under_the_cap():
    some = [client(client_id=1, arm=Arm.HOLDOUT, spent_minor=2_000_000), client(client_id=2)]

    plan = decide(some, salon(daily_cap=1, holdout_percent=0), on=ON)

    assert plan.counts == {Reason.HOLDOUT: 1, Reason.DUE: 1}


def test_below_the_cap_nobody_is_held_out_either():
    some = [client(client_id=1, spent_minor=2_000_000), client(client_id=2, arm=Arm.HOLDOUT)]

    plan = decide(some, salon(daily_cap=1, holdout_percent=0), on=ON)

    assert plan.counts == {Reason.DUE: 1, Reason.DAILY_CAP: 1}


@given(candidates(), st.integers(0, 12), st.integers(0, 15), st.integers(0, 50))
def test_the_cap_is_never_exceeded_and_everybody_has_one_verdict(some, cap, planned, percent):
    company = salon(daily_cap=cap, holdout_percent=percent)

    plan = decide(some, company, on=ON, planned=planned)

    assert len(plan.contacts) <= max(0, cap - planned)
    assert Counter(d.candidate.client_id for d in plan.decisions) == Counter(
        c.client_id for c in some
    )
    phones = [d.candidate.phone for d in (*plan.contacts, *plan.held_out)]
    assert len(phones) == len(set(phones))


@given(candidates(), st.booleans())
def test_nobody_with_an_exclusion_is_ever_written_to(some, consent_required):
    company = salon(consent_required=consent_required, daily_cap=1000)

    for decision in decide(some, company, on=ON).contacts:
        someone, verdict = decision.candidate, decision.verdict
        assert not someone.blacklisted
        assert not someone.opted_out
        assert someone.consent == "given" or (someone.consent == "unknown" and not consent_required)
        assert someone.phone is not None
        assert someone.booked_on is None
        assert not someone.visited_since
        assert someone.declined_on is None or someone.declined_on < someone.last_visit_on
        assert someone.remind_on is None or someone.remind_on <= ON
        assert not someone.open_reactivation
        assert someone.contacted_on is None or someone.contacted_on <= ago(7)
        assert someone.talked_on is None or someone.talked_on <= ago(2)
        assert someone.arm is not Arm.HOLDOUT
        assert verdict.attempt == someone.attempts + 1 <= 3
        assert 0 <= (ON - someone.last_visit_on).days <= 365
        assert someone.due_on - timedelta(days=5) <= ON or someone.remind_on is not None


@given(candidates(), st.randoms())
def test_the_plan_does_not_depend_on_the_order_of_the_rows(some, random):
    shuffled = random.sample(some, len(some))

    assert decide(some, OPEN, on=ON).counts == decide(shuffled, OPEN, on=ON).counts
    assert decide(some, OPEN, on=ON).contacts == decide(shuffled, OPEN, on=ON).contacts


# --- the experiment ------------------------------------------------------------------------------


def held_out_of(company, clients) -> int:
    return sum(arm_of(someone, company) is Arm.HOLDOUT for someone in clients)


@pytest.mark.parametrize(
    ("percent", "least", "most"), [(0, 0, 0), (10, 900, 1100), (50, 4800, 5200)]
)
def test_about_the_right_share_is_held_out(percent, least, most):
    clients = [client(client_id=n) for n in range(10_000)]

    assert least <= held_out_of(salon(holdout_percent=percent), clients) <= most


def test_a_lapse_keeps_its_arm_whatever_else_changes():
    someone = client(client_id=7)
    later = replace(someone, name="Мария", spent_minor=0, attempts=2, phone="79990009999")

    assert arm_of(someone, salon()) is arm_of(later, salon())


def test_the_arm_that_was_drawn_outlives_a_change_of_the_share():
    for arm, reason in ((Arm.CONTACT, Reason.DUE), (Arm.HOLDOUT, Reason.HOLDOUT)):
        for percent in (0, 50):
            known = client(arm=arm)
            assert look_at(known, salon(holdout_percent=percent), on=ON).reason is reason


def test_raising_the_share_moves_nobody_out_of_the_holdout():
    clients = [client(client_id=n) for n in range(2000)]
    few = {c.client_id for c in clients if arm_of(c, salon(holdout_percent=10)) is Arm.HOLDOUT}
    many = {c.client_id for c in clients if arm_of(c, salon(holdout_percent=30)) is Arm.HOLDOUT}

    assert few < many


def test_a_client_who_comes_back_draws_anew():
    visits = [client(away=days) for days in range(1000)]

    assert 60 <= held_out_of(salon(), visits) <= 140


def test_companies_draw_independently():
    clients = [client(client_id=n) for n in range(4000)]
    first, second = salon(holdout_percent=50), salon(holdout_percent=50, company_id=2)

    same = sum(arm_of(c, first) is arm_of(c, second) for c in clients)

    assert 1800 <= same <= 2200


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        (0, Campaign.DORMANT_30),
        (44, Campaign.DORMANT_30),
        (45, Campaign.DORMANT_60),
        (74, Campaign.DORMANT_60),
        (75, Campaign.DORMANT_90),
    ],
)
def test_the_campaign_goes_by_the_time_away(away, expected):
    assert campaign(client(away=away), ON) is expected


# --- days off -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{"days_off": (ON,)}, {"send_days": tuple({1, 2, 3, 4, 5, 6, 7} - {ON.isoweekday()})}],
)
def test_on_a_day_off_nobody_is_written_to_or_held_out(changes):
    some = [client(client_id=n, external_key=str(n), phone=f"7999000{n:04}") for n in range(40)]

    plan = decide(some, salon(holdout_percent=50, **changes), on=ON)

    assert not plan.contacts
    assert not plan.held_out
    assert plan.counts == {Reason.OUTSIDE_HOURS: 40}
