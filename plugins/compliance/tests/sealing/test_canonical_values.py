"""Values as bytes, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from crmcore_compliance.sealing.canonical import CANONICAL, of_stored
from hypothesis import given
from hypothesis import strategies as st

from crmcore import kinds

#: Text as both databases take it.
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
VALUES = {
    kinds.TEXT: TEXT,
    kinds.ENUM: st.from_regex(r"[A-Z][A-Z0-9_]{0,40}", fullmatch=True),
    kinds.DATE: st.dates(),
    kinds.INT: st.integers(-(2**31), 2**31 - 1),
    kinds.BIGINT: st.integers(-(2**63), 2**63 - 1),
    kinds.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    kinds.JSON: JSON,
}


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.name)
def test_every_value_comes_back(kind: kinds.Kind) -> None:
    """Encoding loses nothing, and neither does the text by which values are compared and stored plain."""

    @given(VALUES[kind])
    def check(value: object) -> None:
        canonical = CANONICAL[kind]
        assert value == canonical.decode(canonical.encode(value))
        assert value == canonical.parse(canonical.text(value))

    check()


def test_instants_come_back() -> None:
    """To the microsecond, in UTC."""
    now = datetime(2027, 3, 1, 8, 30, 15, 123456, UTC)
    canonical = CANONICAL[kinds.INSTANT]
    assert now == canonical.decode(canonical.encode(now))


def test_members_of_a_set_have_one_length() -> None:
    """Ciphertexts of choices do not tell them apart by how long they are (ISO/IEC 7816-4)."""
    encode = CANONICAL[kinds.ENUM].encode
    assert {16} == {len(encode(name)) for name in ("MALE", "FEMALE", "UNDISCLOSED", "")}


@pytest.mark.parametrize("data", [b"", b"MALE", b"MALE\x80\x01", b"\x00" * 16])
def test_wrong_padding_is_no_member(data: bytes) -> None:
    """Bytes without the mark, or with more behind it, are refused."""
    with pytest.raises(ValueError, match="padding"):
        CANONICAL[kinds.ENUM].decode(data)


def test_kinds_have_tags_of_their_own() -> None:
    """A number never opens as a text; whole numbers of both sizes are one kind, so that a column can grow."""
    tags = {kind.name: canonical.tag for kind, canonical in CANONICAL.items()}
    assert len({*tags.values()}) == len(tags) - 1
    assert tags["int"] == tags["bigint"]


def test_plain_values_are_read_whatever_the_column_is_by_now() -> None:
    """A date that is a text already, on PostgreSQL, is a date."""
    assert date(1990, 2, 28) == of_stored(kinds.DATE, "1990-02-28") == of_stored(kinds.DATE, date(1990, 2, 28))
