"""Values that Python computes: one call for all rows of a place, refusals and errors where they belong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from crmcore.entities import kinds
from crmcore.entities.fields import Computed
from crmcore.errors import Unavailable
from crmcore.graphql.planner.answers.fill import Fill, fill
from crmcore.graphql.planner.answers.nulls import branch_of, settle
from crmcore.graphql.planner.place import LIST, WAY, Place, Trail
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import CALLS, ENTITIES, Row, uuid


@pytest.fixture(autouse=True)
def _calls() -> None:
    CALLS.clear()


async def test_all_rows_of_one_place_come_in_one_call(desk: Desk) -> None:
    """However they are nested: N+1 cannot be written."""
    await desk.ask(
        "{ buyers(first: 9, orderBy: {field: ID}) { nodes { greeting children(first: 3) { nodes { greeting } } } } deals(first: 9) { nodes { buyer { greeting } } } }"
    )
    assert len(CALLS) == 3
    assert CALLS[0] == 9
    assert len(desk.statements) == 1


async def test_a_place_without_rows_is_not_asked_for(desk: Desk) -> None:
    """No call with nothing."""
    await desk.ask(f'{{ buyer(id: "buyer_{uuid(3, 999)}") {{ greeting }} }}')
    assert CALLS == []


async def test_under_an_interface_only_the_right_records_are_filled(desk: Desk) -> None:
    """Two types may show different things under one name."""
    answer = await desk.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Buyer { x: greeting } ... on User { x: locale } } }",
        {"ids": [f"user_{uuid(1, 1)}", f"buyer_{uuid(3, 7)}", f"stage_{uuid(4, 1)}"]},
    )
    assert answer == {"nodes": [{"x": "de"}, {"x": "Dear ada, 2026"}, {}]}
    assert CALLS == [1]


def _fill(
    values: Any,
    kind: kinds.Kind = kinds.TEXT,
    null: bool = True,
    requires: tuple[str, ...] = ("id",),
    trail: Trail = (LIST, "x"),
) -> Fill:
    field = Computed("x", "x", kind, requires, values, null)
    return Fill(field, ENTITIES["buyer"], Place(trail, None))  # type: ignore[arg-type]


async def test_rows_hold_python_values() -> None:
    """As everywhere in Python: UUIDs, aware instants, dates, whole numbers."""
    seen: list[Row] = []

    async def values(rows: Sequence[Row]) -> list[Any]:
        seen.extend(rows)
        return [None]

    shown = {
        "id": str(uuid(3, 1)),
        "serial": "5",
        "seen_at": "2026-01-31T09:30:00.000001Z",
        "born_on": "2026-01-31",
        "ratio": 1,
        "nick": None,
    }
    answer = [{"x": dict(shown)}]
    assert await fill(answer, [_fill(values, requires=tuple(shown))]) == {}
    [row] = seen
    assert row == {
        "id": uuid(3, 1),
        "serial": 5,
        "seen_at": datetime(2026, 1, 31, 9, 30, 0, 1, UTC),
        "born_on": date(2026, 1, 31),
        "ratio": 1.0,
        "nick": None,
    }
    assert isinstance(row["ratio"], float)
    assert answer == [{"x": None}]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (kinds.INSTANT, datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31T09:30:00.000000Z"),
        (kinds.DATE, date(2026, 1, 31), "2026-01-31"),
        (kinds.BIGINT, 2**62, str(2**62)),
        (kinds.ID, UUID(int=1), str(UUID(int=1))),
        (kinds.JSON, {"a": [1]}, {"a": [1]}),
        (kinds.BOOL, True, True),
    ],
)
async def test_results_are_shown_as_their_kind(kind: kinds.Kind, value: Any, shown: Any) -> None:
    """The same texts the databases make."""

    async def values(_rows: Sequence[Row]) -> list[Any]:
        return [value]

    answer = [{"x": {"id": str(uuid(3, 1))}}]
    await fill(answer, [_fill(values, kind)])
    assert answer == [{"x": shown}]


async def test_a_refusal_makes_the_values_null_and_an_error() -> None:
    """The rest of the answer stays."""

    async def values(_rows: Sequence[Row]) -> list[Any]:
        msg = "The scoring service is away."
        raise Unavailable(msg)

    answer = [{"x": {"id": str(uuid(3, 1))}, "y": 1}]
    errors = await fill(answer, [_fill(values)])
    assert answer == [{"x": None, "y": 1}]
    assert [(trail, e.extensions["code"]) for trail, e in errors.items()] == [((LIST, "x"), "UNAVAILABLE")]  # type: ignore[index]


async def test_the_mark_of_a_type_does_not_stay_in_the_answer() -> None:
    """It is no GraphQL name, so it cannot be confused with a field."""

    async def values(rows: Sequence[Row]) -> list[Any]:
        return ["v"] * len(rows)

    gap = _fill(values, trail=(LIST, f"{WAY}buyer", "x"))
    answer: list[Any] = [{"x": {"id": str(uuid(3, 1))}, WAY: "buyer"}, {"x": "plain"}, None]
    await fill(answer, [gap])
    settle(answer, branch_of([gap], {}), (), {}, [])
    assert json.dumps(answer) == '[{"x": "v"}, {"x": "plain"}, null]'
