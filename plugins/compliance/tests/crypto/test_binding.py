"""What a ciphertext is bound to: nothing of it can be changed, exchanged or moved."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import pytest
from crmcore_compliance.crypto import SUITES, Place, Unreadable, aad, key_id_of
from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.keys import Key, KeyState
from hypothesis import given
from hypothesis import strategies as st

ADA, BOB = UUID(int=1), UUID(int=2)
ROW, OTHER = UUID(int=3), UUID(int=4)


def _key(id: int = 7, suite: str = "AES256_GCM", state: KeyState = KeyState.ACTIVE) -> Key:
    return Key(id, ADA, suite, state, bytes(range(32)))


@pytest.mark.parametrize("suite", SUITES)
def test_every_changed_bit_is_noticed(suite: str) -> None:
    """No ciphertext opens of which a single bit was changed, wherever."""
    key, place = _key(suite=suite), aad("t", "customer.name", ROW, ADA, 7, "text")
    wire = key.seal(place, "Ada Lovelace 张".encode())
    for bit in range(len(wire) * 8):
        altered = bytearray(wire)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            key.open(place, bytes(altered))


def test_every_changed_bit_of_the_place_is_noticed() -> None:
    """The same of what it is bound to."""
    key, place = _key(), aad("t", "customer.name", ROW, ADA, 7, "text")
    wire = key.seal(place, b"Ada")
    for bit in range(len(place) * 8):
        altered = bytearray(place)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            key.open(bytes(altered), wire)


@pytest.mark.parametrize("length", range(33))
def test_what_is_too_short_is_unreadable(length: int) -> None:
    """A cut ciphertext is refused like an altered one."""
    key = _key()
    with pytest.raises(Unreadable):
        key.open(b"", key.seal(b"", b"")[:length])


PARTS = {
    "tenant": ("t", "u"),
    "field": ("customer.name", "customer.email"),
    "row": (ROW, OTHER),
    "subject": (ADA, BOB),
    "key_id": (7, 8),
    "kind": ("text", "date"),
}


@pytest.mark.parametrize("part", PARTS)
def test_every_bound_part_counts(part: str) -> None:
    """A value opens nowhere but at its own field and row, for its own subject, key and kind, in its own installation."""
    here = {name: values[0] for name, values in PARTS.items()}
    there = {**here, part: PARTS[part][1]}
    key = _key()
    wire = key.seal(aad(**here), b"Ada")  # type: ignore[arg-type]

    assert key.open(aad(**here), wire) == b"Ada"  # type: ignore[arg-type]
    with pytest.raises(Unreadable):
        key.open(aad(**there), wire)  # type: ignore[arg-type]


def test_row_and_subject_cannot_be_exchanged() -> None:
    """A row's id in place of the subject's, and the other way round, is another place."""
    assert aad("t", "f", ADA, BOB, 7, "text") != aad("t", "f", BOB, ADA, 7, "text")


def test_another_key_with_the_same_secret_does_not_open() -> None:
    """The key's id is in the ciphertext and counts."""
    wire = _key(7).seal(b"", b"Ada")
    with pytest.raises(Unreadable):
        _key(8).open(b"", wire)


@given(st.lists(st.binary(max_size=6), max_size=5), st.lists(st.binary(max_size=6), max_size=5))
def test_different_parts_are_different_bytes(one: list[bytes], other: list[bytes]) -> None:
    """No two lists of parts are written alike."""
    assert (joined(*one) == joined(*other)) == (one == other)


@given(
    st.tuples(
        st.text("aé张", max_size=4),
        st.text("aé.", max_size=8),
        st.uuids(),
        st.none() | st.uuids(),
        st.integers(0, 2**32 - 1),
    ),
    st.sampled_from(["text", "date", "json"]),
)
def test_a_place_made_ready_is_the_same_place(parts: tuple[str, str, UUID, UUID | None, int], kind: str) -> None:
    """The quick way gives the same bytes as the plain one."""
    tenant, field, row, subject, key_id = parts
    assert Place(tenant, field, kind).aad(row, subject, key_id) == aad(tenant, field, row, subject, key_id, kind)


def test_nonces_differ() -> None:
    """Sealing the same value again gives another ciphertext; no nonce comes twice."""
    key = _key()
    nonces = {key.seal(b"", b"Ada")[5:17] for _ in range(10_000)}
    assert len(nonces) == 10_000


def test_the_key_is_named() -> None:
    """A ciphertext says which key opens it."""
    wires = [_key(id).seal(b"", b"Ada") for id in (1, 7, 2**32 - 1)]
    assert [key_id_of(wire) for wire in wires] == [1, 7, 2**32 - 1]
    assert all(one[:5] != other[:5] for one, other in combinations(wires, 2))


def test_causes_are_for_the_security_log(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever gets the error does not learn what was wrong; the log does (ASVS 11.2.5)."""
    key = _key()
    wire = key.seal(b"here", b"Ada")
    said = set()
    for altered, place in ((wire, b"there"), (wire[:-1], b"here"), (wire[:20], b"here"), (b"\x02" + wire[1:], b"here")):
        with pytest.raises(Unreadable) as caught:
            key.open(place, altered)
        said.add((str(caught.value), caught.value.__cause__))

    assert said == {("A sealed value cannot be opened.", None)}
    assert [record.name for record in caplog.records] == ["crmcore.compliance.security"] * 4
