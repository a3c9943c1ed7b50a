"""Everything that pages say is said in Russian too."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

from vernis.domain import Locale
from vernis.web.pages import catalog, rendering, words

WEB = Path(rendering.__file__).parents[1]
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "say": (2,)}


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """Each English text and the file where it is said."""
    found = extract_from_dir(WEB, METHODS, OPTIONS, keywords=KEYWORDS)
    return {
        (message[0] if isinstance(message, tuple) else message): name
        for name, _, message, *_ in found
        if message
    }


def test_every_text_is_said_in_russian(said: dict[str, str]) -> None:
    known = catalog.texts(Locale.RU)
    missing = {text: name for text, name in said.items() if text not in {**known.one, **known.many}}
    assert missing == {}


def test_no_russian_text_is_kept_that_nobody_says(said: dict[str, str]) -> None:
    errors = {sentence for sentence in _sentences() if sentence.startswith("A password has")}
    known = catalog.texts(Locale.RU)
    unused = set(known.one) | set(known.many)
    assert unused - set(said) - errors - _sentences() == set()


def test_no_text_is_said_in_two_ways() -> None:
    ways: dict[str, set[str]] = {}
    for path in (catalog.FOLDER / "ru").glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale="ru"):
                if isinstance(message.id, str) and message.id:
                    ways.setdefault(message.id, set()).add(str(message.string))
    assert {text: said for text, said in ways.items() if len(said) > 1} == {}


@pytest.mark.parametrize("path", sorted((catalog.FOLDER / "ru").glob("*.po")), ids=lambda p: p.stem)
def test_what_is_filled_in_is_the_same_in_russian(path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale="ru"):
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            wanted = set(re.findall(r"%\(\w+\)s", " ".join(ids)))
            for text in texts:
                assert set(re.findall(r"%\(\w+\)s", text or "")) <= wanted, message.id


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "клиентов"), (1, "клиент"), (2, "клиента"), (5, "клиентов"), (11, "клиентов"),
     (12, "клиентов"), (21, "клиент"), (24, "клиента"), (111, "клиентов"), (101, "клиент")],
)  # fmt: skip
def test_numbers_take_their_form(number: int, said: str) -> None:
    assert ("клиент", "клиента", "клиентов")[catalog.russian_form(number)] == said


@pytest.mark.parametrize("locale", list(Locale))
def test_every_template_can_be_read(locale: Locale) -> None:
    environment: Environment = rendering.environment(locale)
    for name in environment.list_templates():
        environment.get_template(name)


def test_every_reason_and_state_has_a_word() -> None:
    from vernis.domain import ConnectionState, Intent, PauseReason, Reason, State

    assert set(words.REASONS) == set(Reason)
    assert set(words.STATES) >= set(State)
    assert set(words.INTENTS) == set(Intent)
    assert set(words.PAUSES) == set(PauseReason)
    assert set(words.CONNECTIONS) == set(ConnectionState)


def _sentences() -> set[str]:
    """What errors say: it comes to pages by `rendering.fault`."""
    source = "\n".join(p.read_text("utf-8") for p in WEB.parent.rglob("*.py"))
    return {
        text for text in catalog.texts(Locale.RU).one
        if text in source or text.startswith("A password has 10")
    }  # fmt: skip
