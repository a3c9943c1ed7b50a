"""The demo over the Cloud API and over the bridge, end to end, with fakes where WhatsApp would be:
two weeks of ninety clients each."""

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "channels"))

from crossed import Crossed, told
from tests.channels.demo import lived
from whatsapp_lines import LOGIN

from vernis.config import Settings
from vernis.decide.channels import bridge
from vernis.simulation.rehearsal import Policy, Result

POLICY = Policy(weeks=2, clients=90, seed=7, holdout_percent=20)


def live(channel: str, tmp_path: Path) -> tuple[Result, Crossed]:
    return asyncio.run(lived(channel, Settings(home=tmp_path), POLICY))


def check_that_everybody_got_each_message_once(crossed: Crossed) -> None:
    attempts = Counter(
        (one["phone"], one["last_visit_date"], one["attempt"]) for one in crossed.campaign
    )
    assert attempts
    assert set(attempts.values()) == {1}
    ours = [*crossed.campaign, *crossed.answers]
    arrived = {one["message_id"]: one for one in crossed.arrived}
    assert len(crossed.arrived) == len(arrived) == len(ours)
    for one in ours:
        there = arrived[one["provider_message_id"]]
        text = one.get("message_text") or one["body"]
        assert there["phone"] == one["phone"]
        assert " ".join(text.split()) in " ".join(there["text"].split())


def check_that_the_dialogs_went_well(result: Result, crossed: Crossed) -> None:
    tally = result.tally
    assert tally.recognised == tally.replies == len(crossed.replies) > 0
    assert tally.answers == len(crossed.answers) > 0
    assert tally.bookings > 0


def check_that_the_tables_know_what_arrived_and_was_read(crossed: Crossed) -> None:
    there = [one for one in crossed.campaign if one["phone"] not in crossed.absent]
    assert all(one["delivered_at"] and one["read_at"] for one in there)
    assert {one["state"] for one in (*there, *crossed.answers)} == {"read"}


def check_that_who_said_stop_was_left_alone(result: Result, crossed: Crossed) -> None:
    stops = [one for one in crossed.replies if one["intent"] == "opt_out"]
    assert stops
    assert result.opted_out >= len({one["phone"] for one in stops})
    for stop in stops:
        later = [one for one in crossed.campaign if one["tried_at"] > stop["said_at"]]
        assert stop["phone"] not in {one["phone"] for one in later}


def check_that_the_accounts_limits_and_hours_were_kept(crossed: Crossed) -> None:
    company, pace = crossed.company, crossed.pace
    assert pace.new_chats_limit
    for day in crossed.days:
        assert day.sent <= day.most
        assert day.new_chats <= day.most_new_chats
        assert day.new_chats_24h <= pace.new_chats_limit
    for one in crossed.campaign:
        at = one["tried_at"].astimezone(company.zone).time()
        assert company.send_from <= at < company.send_until


def check_that_every_webhook_was_taken(crossed: Crossed) -> None:
    assert set(crossed.webhooks) == {200}


def check_all(result: Result, crossed: Crossed) -> None:
    check_that_everybody_got_each_message_once(crossed)
    check_that_the_dialogs_went_well(result, crossed)
    check_that_the_tables_know_what_arrived_and_was_read(crossed)
    check_that_who_said_stop_was_left_alone(result, crossed)
    check_that_the_accounts_limits_and_hours_were_kept(crossed)
    check_that_every_webhook_was_taken(crossed)


def test_the_demo_over_the_cloud_api(tmp_path: Path) -> None:
    result, crossed = live("cloud", tmp_path)
    check_all(result, crossed)
    assert crossed.wrong == []
    types = {one["key"]: one["type"] for one in crossed.arrived}
    company_id = crossed.company.company_id
    for one in crossed.campaign:
        heard_at = one["heard_at"]
        is_open = heard_at and one["tried_at"] - heard_at < timedelta(hours=24, minutes=-1)
        assert types[f"r{company_id}-{one['id']}"] == ("text" if is_open else "template")
    for one in crossed.answers:
        assert types[f"m{company_id}-{one['message_id']}"] == "text"
    failed = [one for one in crossed.campaign if one["phone"] in crossed.absent]
    assert {(one["state"], one["refusal"]) for one in failed} == {("failed", "not_on_channel")}
    assert set(Counter(one["phone"] for one in failed).values()) == {1}
    assert "as the template" in told(crossed)


def test_the_demo_over_the_bridge(tmp_path: Path) -> None:
    result, crossed = live("bridge", tmp_path)
    check_all(result, crossed)
    company_id = crossed.company.company_id
    for one in crossed.campaign:
        key = f"r{company_id}-{one['id']}"
        assert one["provider_message_id"] == bridge.message_id(LOGIN, key)
    assert not crossed.absent & {one["phone"] for one in crossed.arrived}
    assert crossed.skipped > 0
    assert crossed.days[0].new_chats == 5
    assert max(day.sent for day in crossed.days) < POLICY.daily_cap
    assert "5 of 5" in told(crossed)
