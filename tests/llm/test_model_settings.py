"""How language models are configured, and what is said where it is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from vernis import config
from vernis.adapters.writer_model import ModelWriter
from vernis.adapters.writer_templates import TemplateWriter
from vernis.app import PinnedClock, open_app
from vernis.config import ModelSettings
from vernis.errors import ConfigError

QWEN = {"model": "qwen3", "base_url": "http://127.0.0.1:11434/v1"}


@pytest.fixture(autouse=True)
def settings_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VERNIS_HOME", str(tmp_path))
    config.load.cache_clear()
    yield
    config.load.cache_clear()


def models(monkeypatch: pytest.MonkeyPatch, **environment: str) -> tuple[ModelSettings, ...]:
    for name, value in environment.items():
        monkeypatch.setenv(f"VERNIS_{name}", value)
    return config.load().language_models


def test_nothing_is_configured_by_itself(monkeypatch: pytest.MonkeyPatch):
    assert models(monkeypatch) == ()
    config.load.cache_clear()
    assert models(monkeypatch, GEMINI_API_KEY=" ") == ()


def test_a_key_is_enough_for_gemini(monkeypatch: pytest.MonkeyPatch):
    (gemini,) = models(monkeypatch, GEMINI_API_KEY="k1", GEMINI_PROXY="socks5://127.0.0.1:1080")

    assert (gemini.kind, gemini.model) == ("gemini", "gemini-flash-latest")
    assert (gemini.requests_per_minute, gemini.input_price) == (15, 0.75)
    assert gemini.proxy is not None
    assert gemini.proxy.get_secret_value() == "socks5://127.0.0.1:1080"


def test_gemini_is_asked_first_then_the_others_in_their_order(monkeypatch: pytest.MonkeyPatch):
    listed = json.dumps([QWEN, {"model": "gpt", "api_key": "k2", "output_price": 2}])

    found = models(monkeypatch, GEMINI_API_KEY="k1", MODELS=listed)

    assert [one.model for one in found] == ["gemini-flash-latest", "qwen3", "gpt"]


def test_models_can_be_listed_in_the_toml_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "vernis.toml").write_text(
        '[[models]]\nmodel = "qwen3"\nbase_url = "http://127.0.0.1:11434/v1"\noutput = "prompted"\n'
    )

    (qwen,) = models(monkeypatch)

    assert (qwen.model, qwen.output) == ("qwen3", "prompted")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GEMINI_API_KEY", "ключ", "gemini_api_key must be the key alone"),
        ("GEMINI_PROXY", "ftp://127.0.0.1", "gemini_proxy must start with http:// or socks5://"),
        ("GEMINI_BASE_URL", "gemini", "gemini_base_url must start with http:// or https://"),
        ("GEMINI_REQUESTS_PER_MINUTE", "0", "gemini_requests_per_minute"),
        ("GEMINI_INPUT_PRICE", "cheap", "gemini_input_price"),
        ("MODELS", "[{", "VERNIS_MODELS is not the JSON that it should be"),
        ("MODELS", '[{"base_url": "http://127.0.0.1"}]', "models.0.model"),
        ("MODELS", '[{"model": "m", "colour": "red"}]', "models.0.colour"),
        ("MODELS", '[{"model": "m", "proxy": "x"}]', "models.0.proxy must start with"),
    ],
)
def test_every_fault_is_one_sentence_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
):
    monkeypatch.setenv("VERNIS_GEMINI_API_KEY", "secret-key-1")
    with pytest.raises(ConfigError) as caught:
        models(monkeypatch, **{name: value})

    assert said in str(caught.value)
    assert str(caught.value).count(".") <= 1 + said.count(".")
    assert "secret-key-1" not in str(caught.value)


def test_no_key_and_no_proxys_password_is_printed(monkeypatch: pytest.MonkeyPatch):
    proxy = "http://user:password1@127.0.0.1:8080"
    models(monkeypatch, GEMINI_API_KEY="secret-key-1", GEMINI_PROXY=proxy)

    assert "secret-key-1" not in repr(config.load())
    assert "password1" not in repr((config.load(), config.load().language_models))


def test_no_part_of_the_models_library_is_loaded_before_a_model_is_asked():
    code = (
        "import sys; import vernis.cli, vernis.app, vernis.doctor, vernis.adapters.writer_model;"
        "heavy = ('pydantic_ai', 'openai', 'google', 'httpx', 'httpx2');"
        "print([name for name in sys.modules if name.split('.')[0] in heavy])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


async def test_the_app_writes_with_the_models_that_are_configured_and_closes_them(
    database_url: str, redis_url: str, tmp_path: Path
):
    urls = {"database_url": database_url, "redis_url": redis_url, "home": tmp_path}
    for models, kind in (((), TemplateWriter), ((ModelSettings(**QWEN),), ModelWriter)):
        settings = config.Settings(models=models).model_copy(update=urls)
        async with open_app(settings, clock=PinnedClock()) as app:
            assert isinstance(app.writer, kind)
