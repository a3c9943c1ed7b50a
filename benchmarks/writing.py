"""What the templates write and what the checks let through: `python -m benchmarks.writing`.

Prints the figures in Markdown and fails where one is missed; `--messages N` prints N messages.
The clients, the tables of good and bad texts and the grammar are those of tests/decide.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.measure import Figure, table

TABLES = Path(__file__).parent.parent / "tests" / "decide"
RUNS = 3
MESSAGES = 1_000
# In a process of its own: the dictionaries are loaded within the time.
WRITE = f"""
import sys, time
started = time.perf_counter()
sys.path.insert(0, {str(TABLES)!r})
from vernis.decide.writing.message import write
from vernis.domain import Locale
from writing_clients import clients
for facts in clients(Locale.RU, {MESSAGES}):
    write(facts)
print(time.perf_counter() - started)
"""


def seconds() -> float:
    """Wall time of 1,000 messages by template, loading included."""
    done = subprocess.run([sys.executable, "-c", WRITE], capture_output=True, text=True, check=True)
    return float(done.stdout)


def share(part: int, whole: int) -> list[float]:
    return [100 * part / whole]


def measure() -> list[Figure]:
    """Loads the tables of the tests, which are not part of the package."""
    sys.path.insert(0, str(TABLES))
    from bad_texts import TEXTS as BAD
    from good_texts import TEXTS as GOOD
    from grammar import faults
    from writing_clients import ATTEMPTS, all_messages

    from vernis.decide.writing.message import problems
    from vernis.domain import MessageFacts

    written = list(all_messages())
    unfit = sum(bool(problems(text, facts)) for facts, text, _ in written)
    marked = sum(bool(faults(text, facts)) for facts, text, _ in written)
    plain = sum(template.endswith("plain") for _, _, template in written)
    clients = [
        Counter(template for _, _, template in written[at : at + ATTEMPTS])
        for at in range(0, len(written), ATTEMPTS)
    ]
    again = sum(max(templates.values()) > 1 for templates in clients)
    alarms = sum(bool(problems(text, MessageFacts(**known))) for text, known in GOOD)
    missed = sum(
        problem not in problems(text, MessageFacts(**known)) for text, problem, known in BAD
    )
    how = f"{len(written):,} messages to {len(clients)} clients"
    return [
        figure("messages that fail a check", how, share(unfit, len(written)), 0),
        figure("messages that the grammar marks", how, share(marked, len(written)), 0),
        figure("messages by no template", how, share(plain, len(written)), 0),
        figure("clients with a template twice", how, share(again, len(clients)), 0),
        figure("good texts held back", f"{len(GOOD)} texts", share(alarms, len(GOOD)), 1),
        figure("bad texts let through", f"{len(BAD)} texts", share(missed, len(BAD)), 0),
        Figure(
            what=f"{MESSAGES:,} messages by template, loading included",
            measured=[seconds() for _ in range(RUNS)],
            at_most=3,
            unit="s",
            how=f"median of {RUNS} processes",
        ),
    ]


def figure(what: str, how: str, measured: list[float], at_most: float) -> Figure:
    return Figure(what=what, measured=measured, at_most=at_most, unit="%", how=how)


def show(count: int) -> None:
    """Messages to read aloud, evenly from all of them."""
    sys.path.insert(0, str(TABLES))
    from writing_clients import all_messages

    written = list(all_messages())
    for facts, text, template in written[:: max(1, len(written) // count)]:
        print(f"{template}\t{facts.client_name}\t{facts.service_title}\t{text}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, help="print so many messages and end")
    chosen = parser.parse_args()
    if chosen.messages:
        show(chosen.messages)
        return 0
    started = time.perf_counter()
    lines = measure()
    print(table(lines))
    print(f"\nin {time.perf_counter() - started:.0f} s")
    return 0 if all(line.within for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
