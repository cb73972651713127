"""The fast path and the adapters it stands in for say the same."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from uuid import UUID, uuid4

import pytest
from crmcore_compliance.crypto import aad
from crmcore_compliance.keys import Key, KeyState
from crmcore_compliance.sealing.canonical import CANONICAL
from crmcore_compliance.sealing.cells import door_of, open_cells, opener_of, seal_cells
from crmcore_compliance.sealing.texts import unpack, wire_of
from hypothesis import given
from hypothesis import strategies as st

from crmcore import errors, kinds, sealing

SECRET = bytes(range(32))


def _key(subject: UUID | None, suite: str = "AES256_GCM", id: int = 0x01020304) -> Key:
    return Key(id, subject, suite, KeyState.ACTIVE, SECRET)


@pytest.mark.parametrize("suite", ["AES256_GCM", "AES256_GCM_SIV"])
@pytest.mark.parametrize("nobody", [False, True])
def test_what_is_bound_is_what_crypto_says(suite: str, nobody: bool) -> None:
    """The bytes that are put together from parts are those of `crypto.aad`: a key opens with these what was sealed."""
    row, subject = uuid4(), None if nobody else uuid4()
    key = _key(subject, suite)
    door = door_of("tenant", "customer.family_name", CANONICAL[kinds.TEXT], plain=None, loose=False)
    cell = sealing.Cell("family_name", row, subject, "李")
    (text,) = seal_cells([cell], {"family_name": door}, {subject: key})
    bound = aad("tenant", "customer.family_name", row, subject, key.id, "t")
    assert "李".encode() == key.open(bound, wire_of(text))
    body = text.removeprefix(sealing.MARK)
    assert wire_of(text) == urlsafe_b64decode(body + "=" * (-len(body) % 4))


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=1, max_size=8))
def test_many_are_opened_as_one_is(values: list[str]) -> None:
    """Decoding the texts of a page together gives what decoding each alone gives, whatever their lengths."""
    subject = uuid4()
    key = _key(subject)
    doors = {"name": door_of("tenant", "customer.name", CANONICAL[kinds.TEXT], plain=None, loose=False)}
    cells = [sealing.Cell("name", uuid4(), subject, value) for value in values]
    texts = seal_cells(cells, doors, {subject: key})
    stored = [cell._replace(value=text) for cell, text in zip(cells, texts, strict=True)]
    wires = unpack(stored)
    assert [wire_of(text) for text in texts] == wires
    assert values == open_cells(stored, wires, doors, {key.header: opener_of(key)}, past=False)


def test_nonces_do_not_come_twice() -> None:
    """A thousand values of one key, sealed together, have a thousand nonces."""
    subject = uuid4()
    key = _key(subject)
    doors = {"name": door_of("tenant", "customer.name", CANONICAL[kinds.TEXT], plain=None, loose=False)}
    texts = seal_cells([sealing.Cell("name", uuid4(), subject, "x")] * 1000, doors, {subject: key})
    assert 1000 == len({wire_of(text)[5:17] for text in texts})


@pytest.mark.parametrize(
    "text",
    ["crm1:!!!!", "crm1:AAAA\ncrm1:AAAA", "crm1:ÄÄÄÄ", "crm1:A", "crm1:AR", "crm1:AQ" + "=" * 58],
)
def test_what_is_no_sealed_text_is_refused(text: str) -> None:
    """Not base64url, bits that are no byte's, padding: one error for all."""
    with pytest.raises(errors.Unreadable):
        unpack([sealing.Cell("name", uuid4(), None, text)])


def test_plain_values_among_sealed_ones_are_told_apart() -> None:
    """A page of a column that is being sealed has both; JSON columns give a sealed value as a JSON string."""
    subject = uuid4()
    key = _key(subject)
    doors = {"name": door_of("tenant", "customer.name", CANONICAL[kinds.TEXT], plain=str, loose=False)}
    cell = sealing.Cell("name", uuid4(), subject, "Roe")
    (text,) = seal_cells([cell], doors, {subject: key})
    stored = [cell._replace(value=value) for value in (text, "Doe", f'"{text}"', "\ncrm1:", 7)]
    assert [True, False, True, False, False] == [wire is not None for wire in unpack(stored)]
    opened = open_cells(stored, unpack(stored), doors, {key.header: opener_of(key)}, past=False)
    assert ["Roe", "Doe", "Roe", "\ncrm1:", "7"] == opened
