"""Cursors of the feed: texts that clients keep."""

from __future__ import annotations

import pytest

from crmcore.errors import Invalid
from crmcore.events.cursor import START, Cursor


def test_a_cursor_is_read_as_it_was_written() -> None:
    """Era, transaction and position come back, the largest too."""
    for cursor in (START, Cursor(0, 0, 42), Cursor(3, 7531, 1), Cursor(2**15 - 1, 2**63 - 1, 2**63 - 1)):
        assert cursor == Cursor.parse(str(cursor))


def test_cursors_are_ordered_by_era_then_transaction_then_position() -> None:
    """What a later transaction wrote comes later, whatever position it took."""
    ordered = [Cursor(0, 5, 9), Cursor(0, 6, 1), Cursor(0, 6, 2), Cursor(1, 2, 3)]

    assert ordered == sorted([ordered[2], ordered[0], ordered[3], ordered[1]])


@pytest.mark.parametrize(
    "text", ["", "5", "0-0", "0-0-0-0", "x-0-0", "0-0-8000000000000000", "8000-0-0", "0-0--1", " 0-0-1", "٣-0-0"]
)
def test_what_is_no_cursor_is_refused_with_the_way_out(text: str) -> None:
    """The refusal says what to give instead, and never shows more than the beginning."""
    with pytest.raises(Invalid, match="none to begin at the start") as refused:
        Cursor.parse(text)

    assert "NOT_A_CURSOR" == refused.value.violations[0].code
