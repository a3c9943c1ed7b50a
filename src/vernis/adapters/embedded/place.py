"""The folders and files of one embedded server inside the data folder.

HOME/postgres/            the data; also HOME/valkey/
HOME/logs/postgres.log    at most 4 MB, and one older
HOME/run/postgres/        the socket
HOME/run/postgres.*       locks, and the state that the supervisor publishes
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vernis.errors import ConfigError, UnavailableError, VernisError

LONGEST_SOCKET = len(".s.PGSQL.5432.")
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one server of one data folder keeps its things. `home` is absolute."""

    home: Path
    name: str  # postgres or valkey

    @property
    def data(self) -> Path:
        return self.home / self.name

    @property
    def log(self) -> Path:
        return self.home / "logs" / f"{self.name}.log"

    @property
    def state(self) -> Path:
        return self.home / "run" / f"{self.name}.json"

    @property
    def sockets(self) -> Path:
        """The folder of the socket.

        The path of a Unix socket has at most 107 bytes (103 on macOS), and drivers read a comma
        or a blank in it each in their own way: then a short name outside of the data folder.
        """
        near = self.home / "run" / self.name
        if re.fullmatch(r"[\w/.-]+", str(near), re.ASCII) and len(str(near)) < 103 - LONGEST_SOCKET:
            return near
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        # Not the temporary folder of the environment: every process must find the same one.
        return Path("/tmp") / f"vernis-{os.geteuid()}-{digest}-{self.name}"  # noqa: S108

    def lock(self, role: str) -> int:
        """A file that is only there to be locked; the caller closes the descriptor."""
        return open_ours(self._lock_file(role), os.O_RDWR)

    def still_has(self, role: str, fd: int) -> bool:
        """Whether this descriptor is still the file that others would lock."""
        try:
            return os.path.samestat(os.fstat(fd), self._lock_file(role).stat())
        except OSError:
            return False

    def _lock_file(self, role: str) -> Path:
        return self.home / "run" / f"{self.name}.{role}.lock"

    def prepare(self) -> None:
        """Make the folders that every process needs. Raises ConfigError in one sentence."""
        try:
            for folder in (self.home, self.home / "run", self.home / "logs"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(self.lock("users"))
        except OSError as fault:
            raise self.unusable(fault) from fault

    def publish(self, answer: dict[str, str]) -> None:
        """Tell the processes that join later. A full disk leaves them without an answer."""
        new = self.state.with_suffix(".new")
        with suppress(OSError):
            with os.fdopen(open_ours(new, os.O_WRONLY | os.O_TRUNC), "w") as file:
                json.dump(answer, file)
            new.replace(self.state)

    def unpublish(self) -> None:
        self.state.unlink(missing_ok=True)

    def published(self) -> str | None:
        """The server's URL, or None while it does not listen. Raises UnavailableError."""
        try:
            text = self.state.read_text()
            url = understood(text)
            # A killed server or supervisor has had no time to withdraw what it published.
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(json.loads(text)["socket"])
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        return url

    def unusable(self, fault: OSError) -> VernisError:
        """The sentence for a data folder that the system does not let us use."""
        if fault.errno in NO_SPACE:
            return self.full()
        if isinstance(fault, FileExistsError | NotADirectoryError):
            why = f"{fault.filename} is a file where a folder must be"
        elif isinstance(fault, PermissionError):
            why = f"this user may not write {fault.filename or 'there'}"
        else:
            why = (fault.strerror or str(fault)).lower()
        return ConfigError(
            f"The data folder {self.home} cannot be used: {why}; "
            "set VERNIS_HOME to a folder of your own."
        )

    def is_full(self) -> bool:
        disk = os.statvfs(self.home)
        return disk.f_bavail * disk.f_frsize < 2**16

    def full(self) -> UnavailableError:
        return UnavailableError(
            f"The disk of the data folder {self.home} is full: free some space and start again; "
            "nothing that was saved is lost."
        )


def last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why"


def understood(answer: str) -> str:
    """The URL in a supervisor's answer. Raises UnavailableError with its sentence."""
    fields = json.loads(answer)
    if "url" not in fields:
        raise UnavailableError(fields["error"])
    return str(fields["url"])


def open_ours(path: Path, flags: int) -> int:
    """Open or create a private file.

    What root creates in the folder of an ordinary user is given to that user, who could not
    start Vernis again otherwise.
    """
    fd = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    owner = path.parent.stat()
    if os.geteuid() == 0 and os.fstat(fd).st_uid != owner.st_uid:
        os.fchown(fd, owner.st_uid, owner.st_gid)
    return fd


def got(fd: int, how: int = fcntl.LOCK_EX) -> bool:
    """Take the lock if it is free now."""
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def opened(fd: int) -> Iterator[int]:
    try:
        yield fd
    finally:
        os.close(fd)


def is_folder_of(folder: Path, uid: int) -> bool:
    """Whether it is a real folder, no link, and belongs to this user."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid
