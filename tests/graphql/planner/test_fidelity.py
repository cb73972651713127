"""Values are the same on both databases, whatever the session: numbers, instants, texts, JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.entities.kinds import JSON
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import uuid

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
_LEAF = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15).map(lambda x: round(x, 6)) | _TEXT
)
_JSON = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=8
)
_settings = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def _round_trip(desk: Desk, column: str, stored: Any, field: str) -> Any:
    await desk.database.execute(f"update buyer set {column} = $1 where id = $2", stored, uuid(3, 4))
    return (await desk.ask(f'{{ buyer(id: "buyer_{uuid(3, 4)}") {{ {field} }} }}'))["buyer"][field]


@_settings
@given(value=st.floats(allow_nan=False, allow_infinity=False))
async def test_every_number_comes_back_as_it_is(own_desk: Desk, value: float) -> None:
    """Seventeen digits where they are needed, no more where not."""
    found = await _round_trip(own_desk, "ratio", value, "ratio")
    assert found == value or math.isclose(found, value, rel_tol=0, abs_tol=0)


@_settings
@given(value=_TEXT)
async def test_every_text_comes_back_as_it_is(own_desk: Desk, value: str) -> None:
    """Emoji, control characters, quotes, the empty text."""
    assert await _round_trip(own_desk, "nick", value, "nick") == value


@_settings
@given(value=_JSON)
async def test_every_json_value_comes_back_equal(own_desk: Desk, value: Any) -> None:
    """Null of JSON and no value look the same to clients."""
    assert await _round_trip(own_desk, "extra", JSON.write(value), "extra") == value


async def test_the_session_s_time_zone_and_style_do_not_matter(desk: Desk) -> None:
    """PostgreSQL would write instants and dates by them."""
    if desk.database.dialect == "postgresql":
        async with desk.database.transaction():
            await desk.database.execute("set local time zone 'Asia/Kolkata'")
            await desk.database.execute("set local datestyle to 'German'")
            answer = await desk.ask(f'{{ buyer(id: "buyer_{uuid(3, 5)}") {{ createdAt bornOn seenAt }} }}')
    else:
        answer = await desk.ask(f'{{ buyer(id: "buyer_{uuid(3, 5)}") {{ createdAt bornOn seenAt }} }}')
    assert answer["buyer"] == {
        "createdAt": "2026-02-01T09:30:00.000001Z",
        "bornOn": "1965-02-28",
        "seenAt": "2026-01-29T22:29:59.999995Z",
    }


async def test_numbers_are_as_short_as_they_can_be(own_desk: Desk) -> None:
    """0.1 is not 0.10000000000000001."""
    for value in (0.1, 0.30000000000000004, 1e300, 12345678.9):
        await own_desk.database.execute("update buyer set ratio = $1 where id = $2", value, uuid(3, 4))
        result = await own_desk.read(f'{{ buyer(id: "buyer_{uuid(3, 4)}") {{ ratio }} }}')
        assert repr(value) in result.json
    assert json.loads(result.json)
