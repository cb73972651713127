"""Instants on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcore.database import instants

moments = st.datetimes(
    min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=st.timezones() | st.just(UTC)
)


@given(moments)
def test_an_instant_survives_the_way_out_and_in(moment: datetime) -> None:
    """Text and instant say the same moment, to the microsecond."""
    # In UTC, because Python never finds a wall-clock time in a gap equal to anything of another zone (PEP 495).
    assert moment.astimezone(UTC) == instants.parse(instants.wire(moment))


@given(moments, moments)
def test_texts_sort_as_instants_do(one: datetime, other: datetime) -> None:
    """The text has a fixed width, so a database that compares texts compares moments."""
    assert (one.astimezone(UTC) < other.astimezone(UTC)) == (instants.wire(one) < instants.wire(other))


def test_the_form_is_utc_with_six_digits() -> None:
    """One format, whatever zone the instant came in."""
    vienna = timezone(timedelta(hours=2))

    assert "2026-06-30T22:00:00.000000Z" == instants.wire(datetime(2026, 7, 1, tzinfo=vienna))


class Moment(datetime):
    """An instant of somebody's own class."""


@given(moments)
def test_an_instant_of_any_class_is_written_alike(moment: datetime) -> None:
    """As Python itself writes it in UTC."""
    own = Moment.fromtimestamp(0, UTC) + (moment.astimezone(UTC) - datetime.fromtimestamp(0, UTC))
    expected = moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    assert [expected] * 2 == [instants.wire(moment), instants.wire(own)]


def test_a_naive_instant_is_refused_on_the_way_out() -> None:
    """Nobody knows which moment a naive instant means."""
    with pytest.raises(ValueError, match="time zone"):
        instants.wire(datetime(2026, 1, 1))


def test_a_naive_instant_is_refused_on_the_way_in() -> None:
    """The same for texts."""
    with pytest.raises(ValueError, match="time zone"):
        instants.parse("2026-01-01T00:00:00")
