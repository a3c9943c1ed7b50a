"""`vernis web`, `vernis keys` and the web beside `vernis up`, as they run."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from command_line import Typed, Vernis
from workers import House, house, open_salon, until


@pytest.fixture
def salon(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[House]:
    with house(tmp_path, database_url, redis_url) as built:
        open_salon(built, clients=3)
        yield built


@dataclass
class Here:
    """`vernis` as a person runs it in this house."""

    house: House

    def __call__(self, *words: str, code: int = 0) -> str:
        process = self.start(*words, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, f"{out}\n{err}"
        return out if code == 0 else err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def start(self, *words: str, stderr: int = subprocess.STDOUT) -> "subprocess.Popen[str]":
        urls = {"DATABASE_URL": self.house.database_url, "REDIS_URL": self.house.redis_url}
        environment = os.environ | {"VERNIS_HOME": str(self.house.home), "COLUMNS": "120"} | urls
        program = [str(Path(sys.executable).with_name("vernis")), *words]
        return subprocess.Popen(
            program, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        )


@pytest.fixture
def typed(salon: House, type_at: Callable[[Vernis], Typed]) -> Typed:
    urls = {"DATABASE_URL": salon.database_url, "REDIS_URL": salon.redis_url}
    return type_at(Vernis(salon.home, urls))


def context(address: str, key: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key}"}
    path = f"{address}/v1/companies/1/assistants/context"
    return httpx2.post(path, json={"phone": "79990000001"}, headers=headers)


def serve(salon: House) -> "tuple[subprocess.Popen[str], str]":
    process = Here(salon).start("web", "--port", "0")
    assert process.stdout is not None
    line = next(line for line in process.stdout if line.startswith("http://"))
    return process, line.strip()


def test_a_key_is_made_used_and_revoked_while_the_web_runs(salon: House, typed: Typed) -> None:
    made = Here(salon).json("keys", "create", "--company", "Лён", "--scope", "assistants")
    process, address = serve(salon)
    try:
        assert address.startswith("http://127.0.0.1:")
        assert context(address, made["key"]).json()["is_reply"] is False
        (listed,) = typed.json("keys", "list")
        assert (listed["name"], listed["scopes"]) == ("assistant", ["assistants"])
        assert listed["used_at"]
        assert made["key"] not in typed("keys", "list")
        typed("keys", "revoke", str(listed["key_id"]))
        assert context(address, made["key"]).status_code == 401
        assert "revoked" in typed("keys", "list")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_said_in_one_sentence(salon: House) -> None:
    process, address = serve(salon)
    try:
        port = address.rpartition(":")[2]
        said = Here(salon)("web", "--port", port, code=2)
        assert re.fullmatch(
            rf"vernis: The web cannot listen on 127.0.0.1, port {port} .*\.\n", said
        )
    finally:
        process.kill()
        process.communicate()


def test_a_key_wants_a_scope_that_there_is(typed: Typed) -> None:
    said = typed("keys", "create", "--scope", "everything", code=2)
    assert said.startswith("vernis: A key needs a scope; there are: ")
    assert "assistants (the functions for a company's own assistant)" in said
    said = typed("keys", "revoke", "7", code=2)
    assert said == "vernis: Лён has no key 7: `vernis keys list` shows them.\n"


def test_up_serves_the_web_and_works_as_before(salon: House, typed: Typed) -> None:
    key = typed.json("keys", "create", "--scope", "assistants")["key"]
    worker = salon.start(VERNIS_WEB="1", VERNIS_WEB_PORT="0")
    found = until(lambda: re.search(r"web=up address=(\S+)", worker.log.read_text()), "it serves")
    until(salon.is_all_sent, "everything is sent")
    told = {
        context(found[1], key).json()["is_reply"],
        httpx2.get(f"{found[1]}/readyz").json()["status"],
    }
    assert told in ({True, "ok"}, {False, "ok"})  # one of three may be held out
    assert worker.end() == 0
    log = worker.log.read_text()
    assert "7999" not in log
    assert key not in log


def test_up_prints_the_address_and_a_link_for_the_first_password(salon: House) -> None:
    worker = salon.start(VERNIS_WEB="1", VERNIS_WEB_PORT="0")
    link = until(lambda: re.search(r"http://\S+/welcome/\S+", worker.log.read_text()), "a link")[0]
    page = httpx2.get(link, headers={"accept-language": "ru"})
    assert "Придумайте пароль" in page.text
    token = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert token is not None
    fields = {"csrf": token[1], "login": "anna@example.com"}
    password = "a long sentence of mine"
    with httpx2.Client(cookies=page.cookies, headers={"accept": "text/html"}) as client:
        chosen = client.post(link, data=fields | {"password": password, "again": password})
        assert chosen.status_code == 303
        home = client.get(link.partition("/welcome/")[0] + "/companies")
    assert "Лён" in home.text
    assert worker.end() == 0
    again = salon.start(VERNIS_WEB="1", VERNIS_WEB_PORT="0")
    until(lambda: "web=up" in again.log.read_text(), "it serves")
    assert "/welcome/" not in again.log.read_text()
    assert again.end() == 0


def test_up_without_the_web_serves_nothing(salon: House) -> None:
    worker = salon.start()
    until(worker.is_up, "it is up")
    assert worker.end() == 0
    assert "web=" not in worker.log.read_text()
