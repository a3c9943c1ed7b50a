"""Whose a webhook is: what was changed by a bit is nobody's."""

import random
from datetime import timedelta

import fake_bridge
import fake_evolution
import fake_waha
import pytest
from fake_bridge import FakeAiAdmin, FakeBridge
from fake_evolution import FakeEvolution
from fake_waha import FakeWaha
from hypothesis import given
from hypothesis import strategies as st
from wire import Letter, Mailbox

from vernis.decide.channels import bridge_signature, gateway_signature

NOW = fake_bridge.NOON
LETTER = FakeBridge().wrote("79990000001", "Да 👍, \\u0430 можно?")
MUTATIONS = 10_000  # of each


def of_bridge(letter: Letter, *, later: float = 0, secret: str = fake_bridge.SECRET) -> bool:
    now = NOW + timedelta(seconds=later)
    return bridge_signature.is_of_webhook(secret, letter.headers, letter.content, now=now)


def of_waha(letter: Letter) -> bool:
    return gateway_signature.is_waha(fake_waha.SECRET, letter.headers, letter.content)


def test_the_bridges_own_webhook_is_its_own():
    assert of_bridge(LETTER)


def test_ai_admins_milliseconds_and_bare_hex_are_understood():
    letter = FakeAiAdmin().wrote("79990000001", "Да")
    assert len(letter.headers["x-timestamp"]) == 13
    assert not letter.headers["x-signature"].startswith("sha256=")
    assert of_bridge(letter)


@pytest.mark.parametrize(("later", "is_fresh"), [(300, True), (-300, True), (301, False)])
def test_an_old_webhook_is_nobodys(later: float, is_fresh: bool):
    assert of_bridge(LETTER, later=later) is is_fresh
    assert not of_bridge(LETTER, later=-301)


def test_without_a_secret_nothing_is_anybodys():
    assert not of_bridge(FakeBridge(secret="").letter({}), secret="")
    assert not gateway_signature.is_waha("", {}, b"{}")
    assert not gateway_signature.is_evolution("", {"x-webhook-secret": ""})


def mutated(letter: Letter, rng: random.Random) -> Letter:
    """One byte of the body, or one character of a signed header, is another one, more or less."""
    names = [n for n in letter.headers if n.startswith("x-") and n not in UNSIGNED]
    where = rng.choice(["body", "body", *names])
    text = letter.content if where == "body" else letter.headers[where].encode()
    at = rng.randrange(len(text))
    other = bytes([rng.choice([byte for byte in range(33, 127) if byte != text[at]])])
    repeated = text[:at] + text[at : at + 1] + text[at:]
    changed = rng.choice([text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], repeated])
    if where == "body":
        return Letter(content=changed, headers=letter.headers)
    return Letter(content=letter.content, headers=letter.headers | {where: changed.decode()})


UNSIGNED = ("x-webhook-request-id", "x-webhook-timestamp", "x-webhook-hmac-algorithm")


def test_no_mutation_is_accepted():
    rng = random.Random(6)
    waha_letter = FakeWaha().wrote("79990000001", "Да 👍, а можно?")
    assert of_waha(waha_letter)
    for _ in range(MUTATIONS):
        assert not of_bridge(mutated(LETTER, rng))
        assert not of_waha(mutated(waha_letter, rng))


def test_json_that_was_written_again_is_not_what_was_signed():
    again = LETTER.content.replace(b": ", b":")
    assert not of_bridge(Letter(content=again, headers=LETTER.headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"x-signature": LETTER.headers["x-signature"].upper()},
        {"x-signature": "sha256="},
        {"x-signature": "подпись"},
        {"x-timestamp": " " + LETTER.headers["x-timestamp"]},
        {"x-timestamp": "9" * 4000},
        {"x-timestamp": "-1711962000"},
        {"x-timestamp": "1711962000.0"},
        {"x-timestamp": "١٧١١٩٦٢٠٠٠"},
    ],
    ids=str,
)
def test_odd_headers_are_nobodys_and_break_nothing(headers):
    assert not of_bridge(Letter(content=LETTER.content, headers=LETTER.headers | headers))


def test_a_weaker_algorithm_is_not_accepted():
    letter = FakeWaha().wrote("79990000001", "Да")
    weaker = letter.headers | {"x-webhook-hmac-algorithm": "sha256"}
    assert not of_waha(Letter(content=letter.content, headers=weaker))


async def test_what_is_posted_is_what_was_signed():
    async with Mailbox() as mailbox:
        for fake in (FakeBridge(), FakeAiAdmin(), FakeWaha(), FakeEvolution()):
            status = await fake.post(mailbox.url, fake.wrote("79990000001", "Да 👍"))
            assert status == 200
    bridges, ai_admins, wahas, evolutions = (
        Letter(content=asked.content, headers=asked.headers) for asked in mailbox.asked
    )
    assert of_bridge(bridges)
    assert of_bridge(ai_admins)
    assert of_waha(wahas)
    assert gateway_signature.is_evolution(fake_evolution.SECRET, evolutions.headers)


@given(st.text(max_size=40))
def test_evolutions_secret_is_compared_as_a_whole(text: str):
    headers = {gateway_signature.EVOLUTION_HEADER: text}
    is_it = text == fake_evolution.SECRET
    assert gateway_signature.is_evolution(fake_evolution.SECRET, headers) is is_it
    assert gateway_signature.is_evolution(
        fake_evolution.SECRET, FakeEvolution().wrote("79990000001", "Да").headers
    )


def test_a_request_is_signed_with_its_path_and_moment():
    signed = bridge_signature.of_request(
        "a secret of sixteen", method="POST", path="/send?a=%20", content=b"{}", now=NOW
    )
    # openssl dgst -sha256 -hmac "a secret of sixteen" over `1711962000.POST /send?a=%20.{}`
    assert signed == {
        "x-timestamp": "1711962000",
        "x-signature": "sha256=92cdce4449d350b05e2c03606dc590463097724a1858debe158e5a2ed2e52ce0",
    }
