"""Starts a server's process as the right user, with the right to enter its folders."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from vernis.adapters.embedded.place import Place, got, is_folder_of, open_ours, opened
from vernis.errors import UnavailableError

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that the servers run as."""

    uid: int
    gid: int
    name: str

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()


def account_for(place: Place) -> Account:
    """Ourselves; for root, whom PostgreSQL refuses, the owner of the data or a service user."""
    ours = os.geteuid()
    owner = place.data.stat().st_uid if place.data.exists() else None
    if ours:
        if owner not in {None, ours}:
            raise UnavailableError(
                f"{place.data} belongs to another user: run Vernis as that user, "
                "or set VERNIS_HOME to a folder of your own."
            )
        return _account(ours)
    service = _account(owner) if owner else _service_user()
    if owner == 0 and place.data.is_dir() and any(place.data.iterdir()):
        raise UnavailableError(
            f"{place.data} belongs to root, as whom no database may run: "
            f"give it away with `chown -R {service.name}: {place.data}`, then start again."
        )
    return service


def _account(uid: int) -> Account:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        return Account(uid=uid, gid=os.getgid() if uid == os.geteuid() else uid, name=str(uid))
    return Account(uid=uid, gid=found.pw_gid, name=found.pw_name)


def _service_user() -> Account:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return _account(pwd.getpwnam(name).pw_uid)
    raise UnavailableError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody: "
        "create one of them, run Vernis as an ordinary user, or set DATABASE_URL."
    )


def own_folder(folder: Path, account: Account) -> None:
    """Make a folder that only this user may enter. One that is there must be exactly that."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if is_folder_of(folder, os.geteuid()):
        folder.chmod(0o700)
        if account.is_other:
            os.chown(folder, account.uid, account.gid)
    if not is_folder_of(folder, account.uid) or folder.stat().st_mode & 0o077:
        raise UnavailableError(
            f"{folder} is not a private folder of the user {account.name}: "
            "remove it, then start again."
        )


@dataclass(slots=True)
class Launch:
    """One start of one program: `with Launch(...) as launch: launch.start([...])`.

    Root's folders are often closed to the service user (/root is). So root opens them and the
    program enters through the descriptors that it inherits, as /proc/self/fd/N.
    """

    place: Place
    account: Account
    kept: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.kept.append(self.place.lock("server"))
        _await_leftovers(self.place, self.kept[0])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for fd in self.kept:
            os.close(fd)

    def path(self, path: Path) -> str:
        """How the program names a path that we can open."""
        if not self.account.is_other:
            return str(path)
        fd = os.open(path, os.O_PATH)
        self.kept.append(fd)
        return f"/proc/self/fd/{fd}"

    def start(
        self, command: Sequence[str], *, dying: signal.Signals, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start it. `dying` is the signal that it gets when its supervisor is killed."""
        other = self.account.is_other
        with opened(open_ours(self.place.log, os.O_WRONLY | os.O_APPEND)) as log:
            try:
                return subprocess.Popen(  # noqa: S603
                    command,
                    stdin=stdin,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env={"PATH": os.defpath},
                    pass_fds=self.kept,
                    start_new_session=True,
                    user=self.account.uid if other else None,
                    group=self.account.gid if other else None,
                    extra_groups=[] if other else None,
                    preexec_fn=lambda: _die_with_parent(dying),  # noqa: PLW1509 no threads here
                )
            except OSError as fault:
                raise UnavailableError(
                    f"{Path(command[0]).name} cannot be run as the user {self.account.name}: "
                    f"{fault.strerror}; run Vernis as another user, or set DATABASE_URL and "
                    "REDIS_URL."
                ) from fault


def _die_with_parent(dying: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(dying), 0, 0, 0)


def _await_leftovers(place: Place, lock: int, patience: float = 15.0) -> None:
    """Wait until no process of an earlier start is left; every one of them holds this lock.

    Then whatever the data folder says about a running server is stale for certain, even where
    the number of the dead process was given to another one.
    """
    asked = time.monotonic()
    while not got(lock):
        waited = time.monotonic() - asked
        if waited > 2 * patience:
            raise UnavailableError(
                f"An earlier {place.name} of {place.home} does not end: stop it, then start again."
            )
        if waited > patience:
            _kill_holders(os.fstat(lock))
        time.sleep(0.02)


def _kill_holders(lock: os.stat_result) -> None:
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(entry.name) != os.getpid() and any(
                os.path.samestat(lock, fd.stat()) for fd in (entry / "fd").iterdir()
            ):
                os.kill(int(entry.name), signal.SIGKILL)
