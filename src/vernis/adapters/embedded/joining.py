"""A process's side: join the users of a server, start its supervisor where there is none."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from vernis.adapters.embedded.place import Place, got, open_ours, opened, understood
from vernis.errors import UnavailableError, VernisError

PATIENCE = 300.0  # seconds: the recovery after a crash of a busy database can take minutes
WATCH = 1.0  # seconds between two looks after the supervisor


@contextmanager
def joined(place: Place, *, durable: bool) -> Iterator[str]:
    """The URL of the server, which stays up while the block runs."""
    place.prepare()
    with opened(place.lock("users")) as users:
        # Waits for a supervisor that is just stopping: it holds this lock alone until it is gone.
        fcntl.flock(users, fcntl.LOCK_SH)
        url = _awaited(place, durable)
        left = threading.Event()
        watch = threading.Thread(
            target=_watch, args=(place, durable, left), name=f"{place.name}-watch", daemon=True
        )
        watch.start()
        try:
            yield url
        finally:
            left.set()
            watch.join(timeout=WATCH)


def _watch(place: Place, durable: bool, left: threading.Event) -> None:
    """Start a new supervisor when somebody killed it."""
    while not left.wait(WATCH):
        with suppress(VernisError, OSError):
            _attempt(place, durable)


def _awaited(place: Place, durable: bool) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            url = _attempt(place, durable)
        except OSError as fault:
            raise place.unusable(fault) from fault
        if url is not None:
            return url
        if place.is_full():  # then the supervisor cannot publish why it does not start
            raise place.full()
        time.sleep(0.05)
    raise UnavailableError(
        f"The embedded {place.name} does not become ready: look into {place.log}, then try again."
    )


def _attempt(place: Place, durable: bool) -> str | None:
    """One look: the URL, or None while the server is starting elsewhere."""
    with opened(place.lock("start")) as start, opened(place.lock("supervisor")) as supervisor:
        fcntl.flock(start, fcntl.LOCK_EX)
        if not got(supervisor):
            return place.published()
        place.unpublish()
        return _launch(place, supervisor, durable)


def _launch(place: Place, supervisor: int, durable: bool) -> str:
    """Start a supervisor, hand it the lock that we hold, and wait for its answer."""
    module = "vernis.adapters.embedded"
    mode = "durable" if durable else "fast"
    command = [sys.executable, "-P", "-m", module, place.name, str(place.home), mode]
    with opened(open_ours(place.log, os.O_WRONLY | os.O_APPEND)) as log:
        answer = subprocess.run(  # noqa: S603
            [*command, str(supervisor)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[supervisor],
            cwd="/",
            check=False,
            text=True,
        ).stdout
    if not answer:
        raise UnavailableError(
            f"The embedded {place.name} was stopped while it started: look into {place.log}, "
            "then try again."
        )
    return understood(answer)
