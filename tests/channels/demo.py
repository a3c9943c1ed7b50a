"""The demo over WhatsApp, with fakes where WhatsApp would be:

.venv/bin/python -m tests.channels.demo cloud|bridge [--weeks N] [--clients N] [--seed N]
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import pytest
from crossed import Crossed, told
from rich.rule import Rule
from whatsapp_lines import over_bridge, over_cloud

from vernis.cli.rehearsal import progress
from vernis.config import Settings, load
from vernis.errors import VernisError
from vernis.render.demo import show
from vernis.render.paper import paper
from vernis.simulation.driver import Tally
from vernis.simulation.rehearsal import Policy, Result, rehearse
from vernis.simulation.world import make_world

LINES = {"cloud": over_cloud, "bridge": over_bridge}
NAMES = {"cloud": "WhatsApp Cloud API", "bridge": "the bridge"}


async def lived(
    channel: str,
    settings: Settings,
    policy: Policy,
    on_day: Callable[[date, Tally], None] = lambda *_: None,
) -> tuple[Result, Crossed]:
    """The demo over a channel, and what crossed the wire."""
    random.seed(policy.seed)  # of the pauses between messages: two runs print the same
    async with LINES[channel](settings, _absent(policy)) as wire:
        result = await rehearse(
            wire.settings,
            policy,
            keep=False,
            open_line=wire.open,
            clock=wire.clock,
            on_day=on_day,
        )
    assert wire.crossed is not None
    return result, wire.crossed


def _absent(policy: Policy) -> frozenset[str]:
    """The phones that the simulation's hidden truth has outside of WhatsApp."""
    clients = make_world(seed=policy.seed, clients=policy.clients).clients
    there = {one.reachable for one in clients if one.on_whatsapp}
    return frozenset(one.reachable for one in clients if one.reachable) - there


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo over WhatsApp.")
    parser.add_argument("channel", choices=LINES)
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--clients", type=int, default=1300)
    parser.add_argument("--seed", type=int, default=1)
    typed = parser.parse_args()
    policy = Policy(weeks=typed.weeks, clients=typed.clients, seed=typed.seed)
    try:
        with progress(typed.weeks) as on_day:
            result, crossed = asyncio.run(lived(typed.channel, load(), policy, on_day))
    except (VernisError, pytest.fail.Exception) as error:  # the bridge's packages may be away
        sys.exit(str(error))
    show(result)
    console = paper()
    console.print()
    console.print(
        Rule(
            f"[bold]What crossed the wire: {NAMES[typed.channel]}[/bold]", align="left", style="dim"
        )
    )
    console.print(told(crossed))


if __name__ == "__main__":
    main()
