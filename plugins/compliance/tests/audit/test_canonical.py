"""What is signed is the same, byte for byte, whoever writes it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import rfc8785
from crmcore_compliance.audit.canonical import AccessBody, EventBody, canonical, digest
from hypothesis import given, settings
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
ASCII = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(ASCII, inner),
)


@settings(deadline=None, max_examples=40)
@given(VALUES)
def test_it_is_what_rfc_8785_says(value: Any) -> None:
    """As another implementation writes it."""
    assert rfc8785.dumps(value) == canonical(value)


@settings(deadline=None, max_examples=40)
@given(st.lists(TEXTS, min_size=15, max_size=15))
def test_bodies_of_entries_are_canonical(texts: list[str]) -> None:
    """Their fields are declared in the order in which they have to stand."""
    event = EventBody(*texts[:10])  # type: ignore[arg-type]
    access = AccessBody(*texts[:9], 3, *texts[10:13])  # type: ignore[arg-type]

    for body in (event, access):
        assert rfc8785.dumps(msgspec.to_builtins(body)) == msgspec.json.encode(body)


@pytest.mark.parametrize("value", [1.5, 2**53, {"é": 1}, {1: "a"}, [{"a": [0.1]}]])
def test_what_writers_differ_in_is_refused(value: Any) -> None:
    """Fractions, large numbers, keys that are not ASCII."""
    with pytest.raises(TypeError):
        canonical(value)


def test_digests_keep_texts_apart() -> None:
    """An empty text is not none, and nothing moves from one to the next."""
    given = [("", None), (None, ""), ("ab", "c"), ("a", "bc"), ("abc",), ("abc", None)]
    salt = bytes(16)

    assert len(given) == len({digest(salt, *texts) for texts in given})
    assert digest(salt, "a") != digest(bytes([1] * 16), "a")
