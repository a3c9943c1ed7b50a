"""`vernis doctor`: one sentence a part, and what to do where one does not work."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_models import Asked, Fails, FakeGemini, FakeModel, FakeOpenAI, Reply, Says
from fake_proxy import FakeProxy
from wiring import settings_for

from vernis.config import ModelSettings, Settings
from vernis.doctor import Finding, examine
from vernis.domain import Company


def ok(_: Asked) -> Reply:
    return Says(words='{"messages": [{"id": "k1", "text": "ok"}]}')


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    urls: dict[str, Any] = {"database_url": database_url, "redis_url": redis_url}
    return Settings(home=tmp_path, **urls)


def with_models(settings: Settings, *models: ModelSettings) -> Settings:
    return settings.model_copy(update={"models": models})


async def findings(settings: Settings) -> list[Finding]:
    return [finding async for finding in examine(settings)]


def said(found: list[Finding], part: str) -> list[tuple[bool, str]]:
    return [(one.ok, one.says) for one in found if one.part == part]


async def test_everything_that_works_is_said_in_a_sentence_each(settings: Settings):
    found = await findings(settings)

    assert [one.part for one in found] == ["database", "secret", "redis", "model"]
    assert all(one.ok and one.says.endswith(".") for one in found)
    assert said(found, "model") == [
        (True, "No language model is configured: messages are written by template.")
    ]


async def test_a_model_that_answers_costs_one_tiny_request(settings: Settings):
    async with FakeGemini(script=ok) as fake:
        found = await findings(with_models(settings, settings_for(fake)))

        assert len(fake.asked) == 1
        assert len(json.dumps(fake.asked[0].body)) < 1000
    assert said(found, "model") == [(True, "The model flash-test works.")]


@pytest.mark.parametrize("kind", [FakeGemini, FakeOpenAI])
@pytest.mark.parametrize(
    ("changes", "reply", "sentence"),
    [
        ({"api_key": "wrong"}, None, "refuses the key: check it"),
        ({"model": "flash-9"}, None, "is not known there: check the model's name"),
        ({}, Fails(how="quota"), "says its quota is used up"),
        ({}, Fails(how="server"), "fails at the provider's"),
        ({}, Says(words="Hello!"), "answers something that cannot be used"),
        ({"proxy": "http://127.0.0.1:9"}, None, "its proxy refuses: check the proxy"),
    ],
)
async def test_what_is_wrong_with_a_model_is_named_with_what_to_do(
    settings: Settings, kind: type[FakeModel], changes: dict[str, str], reply: Reply, sentence: str
):
    async with kind(script=lambda _: reply) as fake:
        found = await findings(with_models(settings, settings_for(fake, **changes)))

    ((works, says),) = said(found, "model")
    assert not works
    assert sentence in says
    assert says.count(".") == 1


async def test_a_proxy_that_refuses_is_named(settings: Settings):
    async with FakeProxy(scheme="http") as proxy:
        model = ModelSettings(model="m", base_url="https://model.invalid/v1", proxy=proxy.url)
        found = await findings(with_models(settings, model))

    assert "its proxy refuses" in said(found, "model")[0][1]


async def test_a_database_that_is_away_does_not_hide_what_the_model_does(settings: Settings):
    away = settings.model_copy(
        update={"database_url": "postgresql://127.0.0.1:1/x", "redis_url": "redis://127.0.0.1:1"}
    )
    async with FakeOpenAI(script=ok) as fake:
        found = await findings(with_models(away, settings_for(fake)))

    assert [(one.part, one.ok) for one in found] == [
        ("database", False),
        ("redis", False),
        ("model", True),
    ]


async def test_another_installations_secret_is_named(settings: Settings, tmp_path: Path):
    await findings(settings)
    other = settings.model_copy(update={"secret": "another"})

    found = await findings(other)

    assert said(found, "secret")[0][0] is False
    assert "VERNIS_SECRET" in said(found, "secret")[0][1]


async def test_what_a_company_may_spend_is_said(settings: Settings, db, company: Company):
    async with db.tenant(company.company_id) as connection:
        await connection.execute("UPDATE companies SET model_limit_minor = 500")

    found = await findings(settings)

    assert said(found, "money") == [
        (True, "Лён has spent 0.00 US dollars on the language model this month, of 5.00.")
    ]


@pytest.mark.parametrize(("key", "code"), [("right-key", 0), ("wrong-key", 1)])
async def test_the_command_exits_with_1_where_something_is_broken(
    settings: Settings, key: str, code: int
):
    async with FakeGemini(script=ok) as fake:
        environment = os.environ | {
            "DATABASE_URL": settings.database_url or "",
            "REDIS_URL": settings.redis_url or "",
            "VERNIS_HOME": str(settings.home),
            "VERNIS_GEMINI_API_KEY": key,
            "VERNIS_GEMINI_MODEL": "flash-test",
            "VERNIS_GEMINI_BASE_URL": fake.base_url,
        }
        process = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("vernis")), "doctor", "--json"),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()

    printed = json.loads(out)
    assert process.returncode == code
    assert [one["part"] for one in printed] == ["database", "secret", "redis", "model"]
    assert printed[-1]["ok"] is (code == 0)
    assert key not in out.decode()
