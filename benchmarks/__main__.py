"""`python -m benchmarks `: measure, print the table, fail where a limit is exceeded."""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    channels,
    house,
    importing,
    intervals,
    million,
    planning,
    process,
    reception,
    sending,
    web_overview,
    web_pages,
    webhooks,
)
from benchmarks.measure import Line, table

# In this order: each finds what the one before has left.
STAGES = (importing, intervals, planning, sending, channels, reception)


async def stages(home: Path) -> list[Line]:
    async with house.opened(home) as opened:
        lines: list[Line] = []
        for stage in STAGES:
            lines.append(await stage.measure(opened))
            print("  ".join(lines[-1].cells), file=sys.stderr, flush=True)
        lines += await web_overview.measure(opened)
        lines += await web_pages.measure(opened)
        return lines + await million.measure(opened)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="vernis-bench-") as folder:
        home = Path(folder)
        lines = asyncio.run(stages(home))
        lines += [process.help_seconds(), process.first_message(home / "demo")]
        lines += process.worker_memory(home)
        lines.append(webhooks.measure(home))
    print(table(lines))
    return 0 if all(line.within for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
