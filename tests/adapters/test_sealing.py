import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.adapters.sealing import Sealer
from vernis.errors import ConfigError

TOKEN = "EAA-not-a-real-token"
OURS = {"company_id": 1, "account_id": 2}


@pytest.fixture(scope="module")
def sealer() -> Sealer:
    return Sealer("a secret of tests only")


@given(text=st.text())
def test_what_is_sealed_opens_again(sealer, text):
    assert sealer.unseal(sealer.seal(text, **OURS), **OURS) == text


def test_a_sealed_token_shows_nothing_of_itself(sealer):
    once, again = sealer.seal(TOKEN, **OURS), sealer.seal(TOKEN, **OURS)
    assert once != again
    assert TOKEN.encode() not in once


@pytest.mark.parametrize("other", [{"company_id": 2}, {"account_id": 3}])
def test_a_token_opens_for_its_own_account_only(sealer, other):
    with pytest.raises(ConfigError):
        sealer.unseal(sealer.seal(TOKEN, **OURS), **OURS | other)


def test_another_secret_is_said_in_a_sentence_without_the_token(sealer):
    with pytest.raises(ConfigError, match="give it again") as caught:
        Sealer("another secret").unseal(sealer.seal(TOKEN, **OURS), **OURS)
    assert TOKEN not in str(caught.value)


@given(data=st.data())
def test_a_damaged_token_never_opens(sealer, data):
    sealed = bytearray(sealer.seal(TOKEN, **OURS))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ConfigError):
        sealer.unseal(bytes(sealed), **OURS)
    with pytest.raises(ConfigError):
        sealer.unseal(bytes(sealed[:place]), **OURS)
