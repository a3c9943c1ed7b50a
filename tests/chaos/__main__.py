"""`python tests/chaos [PROOF...]`: every promise about messages, at full size, one line each.

    kills lost flood beside stored signatures malformed pace alone quiet bookings

Exit code 1 where anything did not hold.
"""

import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flood
import forgeries
import kills
import lost_answers
import outage
import pace
from ground import Ground, own_ground

SEEDS = (1, 2, 3)
P99_MS, STORED_PER_SECOND, RESUME_SECONDS, MOST_GROWTH_MB = 250, 300, 60, 10

Result = tuple[str, list[str]]


def _kills(folder: Path) -> Iterator[Result]:
    for seed in SEEDS:
        with own_ground(folder / f"seed{seed}") as ground:
            found = kills.run(ground, seed=seed, clients=1000)
        late = max(found.resumed)
        slow = [f"{late:.0f} s until work resumed"] if late > RESUME_SECONDS else []
        yield str(found), found.faults + slow


def _lost(folder: Path) -> Iterator[Result]:
    with own_ground(folder) as ground:
        found = asyncio.run(lost_answers.lose(ground, messages=1000, port=kills.free_port()))
    yield str(found), found.faults


def _flood(folder: Path, **of: Any) -> Iterator[Result]:
    with own_ground(folder) as ground:
        found = asyncio.run(flood.flood(ground, messages=1000, times=10, **of))
    slow = [f"p99 {found.p99:.0f} ms"] if found.p99 > P99_MS else []
    yield str(found), found.faults + slow


def _beside(folder: Path) -> Iterator[Result]:
    """For the record: a worker that answers on the same cores meanwhile."""
    with own_ground(folder) as ground:
        found = asyncio.run(flood.flood(ground, messages=1000, times=10, beside=True))
    yield f"with a worker beside: {found}", found.faults


def _stored(folder: Path) -> Iterator[Result]:
    with own_ground(folder) as ground:
        found = asyncio.run(flood.flood(ground, messages=5000, times=1, workers=0))
    is_slow = found.per_second < STORED_PER_SECOND
    yield str(found), found.faults + ([f"{found.per_second:.0f}/s"] if is_slow else [])


def _signatures(_: Path) -> Iterator[Result]:
    for scheme in forgeries.SCHEMES:
        accepted = forgeries.forged(scheme, mutations=10_000)
        faults = [f"{accepted} accepted"] if accepted else []
        yield f"{scheme.name}: 10,000 mutations, {accepted} accepted", faults


def _malformed(folder: Path) -> Iterator[Result]:
    async def pestered(ground: Ground) -> forgeries.Malformed:
        where = ground.folder, ground.database_url, ground.redis_url
        async with forgeries.opened(*where) as app:
            return await forgeries.pester(app, bodies=100_000)

    logging.disable(logging.WARNING)  # a line for each of them
    with own_ground(folder) as ground:
        ground.open_salons()
        ground.query(forgeries.ACCOUNTS)
        found = asyncio.run(pestered(ground))
    logging.disable(logging.NOTSET)
    grown = found.after - found.before
    yield str(found), found.faults + ([f"{grown:.0f} MB more"] if grown > MOST_GROWTH_MB else [])


def _pace(folder: Path) -> Iterator[Result]:
    with own_ground(folder) as ground:
        found = asyncio.run(pace.race(ground, seconds=240, speed=720, clients=400, kills=16))
    yield str(found), found.faults


def _alone(folder: Path) -> Iterator[Result]:
    with own_ground(folder) as ground:
        found = asyncio.run(outage.alone(ground))
    late = found.resumed > RESUME_SECONDS
    yield str(found), found.faults + (["later than it must be"] if late else [])


def _quiet(_: Path) -> Iterator[Result]:
    script = Path(__file__).with_name("quiet_hours.py")
    words = [sys.executable, str(script)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = (done.stdout or done.stderr).strip().splitlines() or ["nothing was said"]
    yield said[-1], [] if done.returncode == 0 else ["a message would have left"]


def _bookings(folder: Path) -> Iterator[Result]:
    sys.path.append(str(Path(__file__).parents[2]))  # for tests.crm
    import crm_bookings

    for seed in SEEDS:
        with own_ground(folder / f"seed{seed}") as ground:
            found = asyncio.run(crm_bookings.on(ground.database_url, bookings=300, seed=seed))
        yield str(found), found.faults


PROOFS: dict[str, Callable[[Path], Iterator[Result]]] = {
    "kills": _kills,
    "alone": _alone,
    "lost": _lost,
    "flood": _flood,
    "beside": _beside,
    "stored": _stored,
    "signatures": _signatures,
    "malformed": _malformed,
    "pace": _pace,
    "quiet": _quiet,
    "bookings": _bookings,
}


def main() -> int:
    wanted = sys.argv[1:] or list(PROOFS)
    if unknown := set(wanted) - set(PROOFS):
        print(f"There is no {', '.join(unknown)}; there are: {' '.join(PROOFS)}.")
        return 2
    failed = False
    with tempfile.TemporaryDirectory(prefix="vernis-chaos-") as folder:
        for name in wanted:
            began = time.monotonic()
            try:
                for said, faults in PROOFS[name](Path(folder) / name):
                    failed |= bool(faults)
                    print(f"{'FAILED' if faults else 'ok':<7}{name:<11}{said}", flush=True)
                    for fault in faults[:10]:
                        print(f"       {'':<11}{fault}", flush=True)
            except AssertionError as error:
                failed = True
                print(f"FAILED {name:<11}{error}", flush=True)
            print(f"       {'':<11}{time.monotonic() - began:.0f} s", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
