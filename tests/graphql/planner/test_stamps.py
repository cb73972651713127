"""Filters by who made or last wrote a record."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access.actor import Access, Effect, Scope
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ANN, BOB, ENTITIES, person, rows

_QUERY = "query ($f: CallFilter) { calls(filter: $f) { totalCount } }"


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"actorId": {"eq": f"user_{ANN}"}}, True),
        ({"actorId": {"eq": f"user_{BOB}"}}, False),
        ({"actorId": {"ne": f"user_{BOB}"}}, True),
        ({"actorId": {"in": [f"user_{ANN}", f"user_{BOB}"]}}, True),
        ({"actorId": {"isNull": True}}, False),
        ({"type": {"eq": "USER"}}, True),
        ({"type": {"notIn": ["USER", "TOKEN"]}}, False),
        ({"type": {"in": ["USER"]}, "actorId": {"eq": f"user_{BOB}"}}, False),
        ({"type": None}, True),
        ({}, True),
    ],
)
async def test_records_are_found_by_who_made_them(desk: Desk, condition: dict[str, Any], met: bool) -> None:
    """By their id, by the door they came through."""
    count = len(rows()["call"]) if met else 0
    for stamp in ("createdBy", "updatedBy"):
        assert await desk.ask(_QUERY, {"f": {stamp: condition}}) == {"calls": {"totalCount": count}}


async def test_a_stamp_that_is_kept_back_cannot_be_guessed(desk: Desk) -> None:
    """As any other field."""
    scopes = {f"{name}:read": Scope.ALL for name in ENTITIES}
    actor = person(Access(scopes=scopes, effects={("call", "createdBy"): Effect.MASKED}))
    result = await desk.read(_QUERY, {"f": {"createdBy": {"actorId": {"isNull": True}}}}, actor)
    assert [e.extensions["code"] for e in result.errors] == ["FORBIDDEN"]  # type: ignore[index]
