"""Owns one server of one data folder: starts it, starts it again, ends with its last user.

It is a process of its own that no user of the server waits for, so it survives whichever process
happened to start it. It uses about 15 MB and wakes four times a second.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from vernis.adapters.embedded.launch import account_for
from vernis.adapters.embedded.place import Place, got
from vernis.adapters.embedded.postgres import Postgres
from vernis.adapters.embedded.valkey import Valkey
from vernis.errors import UnavailableError, VernisError

TICK = 0.25  # seconds
LINGER = 1.0  # seconds without users before the end, so that a script's next command finds it up
PATIENCE = 300.0  # seconds for one start: the recovery of a busy database can take minutes
LONGEST_PAUSE = 5.0  # seconds between two starts that fail
LONGEST_LOG = 4 * 2**20  # bytes
FULL = ("No space left on device", "Disk quota exceeded", "File too large")


class Server(Protocol):
    """What the supervisor asks of PostgreSQL and Valkey."""

    @property
    def url(self) -> str: ...

    @property
    def socket(self) -> Path: ...

    @property
    def stop_signal(self) -> signal.Signals: ...

    def start(self) -> subprocess.Popen[bytes]: ...

    def ready(self, process: subprocess.Popen[bytes]) -> bool: ...

    def reason(self, log: str) -> str: ...


class Supervisor:
    """One server and the lock that its users share."""

    def __init__(self, place: Place, server: Server) -> None:
        self.place = place
        self.server = server
        self.users = place.lock("users")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises VernisError in one sentence."""
        written = self.place.log.stat().st_size
        try:
            self.process = self.server.start()
            self._await_ready(self.process)
        except ChildProcessError as fault:
            self.stop()
            with self.place.log.open(errors="replace") as log:
                log.seek(written)
                raise self._failure(log.read()) from fault
        except OSError as fault:
            raise self.place.unusable(fault) from fault
        self.place.publish({"url": self.server.url, "socket": str(self.server.socket)})

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.server.ready(process):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ChildProcessError(self.place.name)
            time.sleep(0.01)

    def _failure(self, log: str) -> UnavailableError:
        if any(words in log for words in FULL):
            return self.place.full()
        return UnavailableError(
            f"The embedded {self.place.name} in {self.place.data} does not start: "
            f"{self.server.reason(log)}; see {self.place.log}."
        )

    def watch(self) -> None:
        """Keep the server up until nobody has used it for a while, then stop it."""
        idle = 0.0
        failures = 0
        while idle < LINGER:
            time.sleep(TICK)
            idle = idle + TICK if self._unused(keep=idle + TICK >= LINGER) else 0.0
            if idle == 0.0 and not self._up():
                failures = 0 if self._restart() else failures + 1
                time.sleep(min(failures * TICK, LONGEST_PAUSE))
            self._shorten_log()
        self.place.unpublish()
        self.stop()

    def _unused(self, *, keep: bool) -> bool:
        """Whether no process holds the lock. `keep` it then: who comes now waits for our end."""
        if not self.place.still_has("users", self.users):
            return True  # somebody removed the data folder
        if not got(self.users):
            return False
        if not keep:
            fcntl.flock(self.users, fcntl.LOCK_UN)
        return True

    def _up(self) -> bool:
        running = self.process is not None and self.process.poll() is None
        return running and self.server.socket.exists()

    def _restart(self) -> bool:
        self.place.unpublish()
        self.stop()
        try:
            self.start()
        except VernisError as error:
            self.place.publish({"error": str(error)})
            return False
        return True

    def stop(self) -> None:
        """End the server; what was committed stays whatever signal it takes."""
        if self.process is None:
            return
        for number, seconds in (
            (self.server.stop_signal, 30.0),
            (signal.SIGQUIT, 10.0),
            (signal.SIGKILL, 60.0),
        ):
            self.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                return

    def _shorten_log(self) -> None:
        with suppress(OSError):
            if self.place.log.stat().st_size > LONGEST_LOG:
                with suppress(OSError):
                    shutil.copyfile(self.place.log, self.place.log.with_suffix(".log.1"))
                os.truncate(self.place.log, 0)


def main(arguments: Sequence[str]) -> None:
    """Become the supervisor, answer on standard output with one line, then watch.

    The lock that makes it the only one is inherited open, so that there is no moment in which
    another process could start a second one. It ends with this process, however that ends.
    """
    name, home, mode, _lock = arguments
    if os.fork():
        os._exit(0)
    os.setsid()
    os.umask(0o077)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # its users decide when it ends
    place = Place(home=Path(home), name=name)
    try:
        kind: type[Postgres | Valkey] = Postgres if name == "postgres" else Valkey
        server = kind(place=place, account=account_for(place), durable=mode == "durable")
        supervisor = Supervisor(place, server)
        supervisor.start()
    except VernisError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        sys.exit(1)
    with suppress(BrokenPipeError):  # who asked was killed
        print(json.dumps({"url": supervisor.server.url}), flush=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nowhere, standard)
    supervisor.watch()
