"""Tokens of values that are looked up."""

from __future__ import annotations

import hmac

import pytest
from crmcore_compliance.crypto import TokenKey, slow_token
from hypothesis import given
from hypothesis import strategies as st

KEY = bytes(range(32))


@given(st.binary(max_size=20), st.integers(1, 256))
def test_a_cut_token_is_the_beginning_of_the_whole_one(value: bytes, bits: int) -> None:
    """Cut tokens agree in their bits with the whole one, and the rest of the last byte is zero."""
    whole = int.from_bytes(TokenKey(KEY).token(value))
    cut = TokenKey(KEY).token(value, bits)

    assert len(cut) == (bits + 7) // 8
    assert int.from_bytes(cut) == (whole >> 256 - bits) << (-bits % 8)


@given(st.binary(min_size=1, max_size=100), st.lists(st.binary(max_size=100), min_size=2, max_size=4))
def test_a_token_is_the_hmac_of_its_value_alone(key: bytes, values: list[bytes]) -> None:
    """As Python's own HMAC-SHA256 has it, whatever the key was used for before."""
    ready = TokenKey(key)
    assert [hmac.digest(key, value, "sha256") for value in values] == [ready.token(value) for value in values]


def test_slow_tokens_need_the_key() -> None:
    """The slow token depends on key and value."""
    first = slow_token(KEY, b"13800138000", 32)

    assert len(first) == 4
    assert first == slow_token(KEY, b"13800138000", 32)
    assert first != slow_token(bytes(32), b"13800138000", 32)
    assert first != slow_token(KEY, b"13800138001", 32)


@pytest.mark.parametrize("bits", [0, 257, -1])
def test_tokens_of_impossible_length_are_refused(bits: int) -> None:
    """There are 1 to 256 bits."""
    with pytest.raises(ValueError, match="1 to 256"):
        TokenKey(KEY).token(b"", bits)
