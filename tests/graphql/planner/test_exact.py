"""Random operations are answered exactly as graphql-core answers them over plain resolvers: data, errors and their paths.

`CRM_EXACT=3000 pytest tests/graphql/planner/test_exact.py` tries as many operations on each database; 60 by default.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crmcore.access.actor import Access, Actor, Effect, Scope
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.lists.figures import Figure, Function
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.roots.backing import ListOf, NodeById, NodesByIds, OneById
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ENTITIES, ROOT, person, rows, schema
from tests.graphql.reference.inputs import Pools
from tests.graphql.reference.judge import Judge
from tests.graphql.reference.literals import Member
from tests.graphql.reference.operations import Made, Shape, operations
from tests.graphql.reference.orders import TIMELINE
from tests.graphql.reference.values import wire

_EXAMPLES = int(os.environ.get("CRM_EXACT", "60"))
_TABLES = list(rows())
_READ_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}
_HIDDEN = {
    ("buyer", "name"): Effect.MASKED,
    ("buyer", "rank"): Effect.HIDDEN,
    ("buyer", "parent"): Effect.HIDDEN,
    ("deal", "stageId"): Effect.MASKED,
    ("deal", "amount"): Effect.MASKED,
    ("stage", "position"): Effect.HIDDEN,
    ("call", "at"): Effect.READ_ONLY,
}
_OWN = {"buyer:read": Scope.OWN, "deal:read": Scope.OWN}
ACTORS: Sequence[Actor] = (
    ROOT,
    person(Access(scopes=_READ_ALL | _OWN)),
    person(Access(scopes=_READ_ALL | {"buyer:read": Scope.TEAM}, effects=_HIDDEN)),
    person(Access(scopes={"deal:read": Scope.TEAM, "stage:read": Scope.ALL}, effects=_HIDDEN)),
)
_ORDERS: dict[str, list[list[dict[str, str]] | None]] = {
    TIMELINE: [None],
    "buyer": [[{"field": "RANK"}, {"field": "NICK", "direction": "DESC"}], [{"field": "SEEN_AT", "nulls": "FIRST"}]],
    "deal": [[{"field": "AMOUNT", "direction": "DESC"}], [{"field": "NAME"}]],
    "call": [[{"field": "AT", "direction": "DESC"}]],
}
#: Operators that go by what time it is.
_RELATIVE = ("lastDays", "nextDays", "during", "anniversaryWithinDays")
_SEEN: dict[str, dict[str, Any]] = {}


def _excluded(type_: str, field: str) -> bool:
    """Leave out what has no table here, what is no part of the data, and what is not the planner's."""
    declared = schema().graphql.type_map[type_]
    if not field or not hasattr(declared, "interfaces"):
        return _entity_of(type_) not in (None, *_TABLES) or _lost(type_, field)
    backed = backing(declared.fields[field])  # type: ignore[attr-defined]
    if type_ == "Query" and not isinstance(backed, OneById | ListOf | NodeById | NodesByIds):
        return True
    if isinstance(backed, Figure) and backed.field is not None and backed.kind is kinds.FLOAT:
        # How fractions add up depends on the order in which they are added.
        return backed.field.kind is kinds.FLOAT and backed.function in (Function.SUM, Function.AVG)
    entity = getattr(backed, "entity", None)
    target = entity.name if entity else getattr(backed, "target", None)
    return isinstance(backed, f.One | f.Many | OneById | ListOf) and target not in (None, *_TABLES)


def _lost(input_: str, field: str) -> bool:
    """Say whether a filter's field leads to an entity without a table."""
    if field in _RELATIVE:
        return True
    entity = _entity_of(input_.removesuffix("Filter").removesuffix("Order"))
    known = ENTITIES.fields(entity).get(field) if entity and input_.endswith(("Filter", "Order")) else None
    return isinstance(known, f.One | f.Many) and known.target not in _TABLES


@cache
def _entity_of(type_: str) -> str | None:
    return next((e.name for e in ENTITIES.values() if e.type_name == type_), None)


def _listed(type_: str) -> str | None:
    if type_ == "TimelineConnection":
        return TIMELINE
    return _entity_of(type_.removesuffix("Connection")) if type_.endswith("Connection") else None


def _pools() -> Pools:
    data = rows()
    buyers = data["buyer"]
    scalars: dict[str, Sequence[Any]] = {
        "String": [
            "",
            "a",
            "A",
            "Ada",
            "ada",
            "Stage 1",
            "Deal 1",
            "Ü",
            "龍",
            "%",
            "'",
            "EUR",
            "key-3",
            *(r["name"] for r in buyers[:12]),
        ],
        "Int": [0, 1, 2, 3, -1, 2**31 - 1, -(2**31)],
        "Float": [0, 0.1 + 0.2, 1 / 3, -1e300, 5e-324, 1.5],
        "Boolean": [True, False],
        "BigInt": ["0", "-1", str(2**62 + 4), str(-(2**63) + 1), 7],
        "Decimal": ["0", "0.05", "-12345.67", "5", "0.001", "92233720368547758.07"],
        "Currency": ["EUR", "JPY", "KWD"],
        "DateTime": [wire(r["seen_at"]) for r in buyers[:6] if r["seen_at"]] + ["2026-01-30T12:00:00+02:00"],
        "Date": [r["born_on"].isoformat() for r in buyers[:6] if r["born_on"]] + ["2000-02-29"],
        "JSON": [None],
    }
    ids = {name: [f"{name}_{r['id']}" for r in data[name][:12]] for name in data}
    return Pools(scalars, ids)


@cache
def _shape(dialect: str) -> Shape:
    known = {
        entity: [
            (None if order is None else [{k: Member(v) for k, v in key.items()} for key in order], texts)
            for order, texts in found
        ]
        for entity, found in _SEEN[dialect].items()
    }
    pools = _pools()
    return Shape(schema().graphql, Pools(pools.scalars, pools.ids, known), _excluded, _listed)


async def _judge(desk: Desk) -> Judge:
    judge = Judge(desk.database, schema(), ENTITIES, _TABLES)
    _SEEN[desk.database.dialect] = {
        entity: [(order, await judge.cursors(entity, order or [])) for order in orders]
        for entity, orders in _ORDERS.items()
    }
    return judge


async def test_random_operations_are_answered_as_graphql_core_answers_them(desk: Desk) -> None:
    """Aliases, fragments, directives, variables, lists in lists, filters, orders, cursors, errors; for several actors."""
    judge = await _judge(desk)
    loop = asyncio.get_running_loop()
    differences: list[str] = []

    # All that differ are gathered and the shortest shown: shrinking one by one would take minutes.
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made=operations(_shape(desk.database.dialect)), actor=st.sampled_from(range(len(ACTORS))))
    def run(made: Made, actor: int) -> None:
        asked = asyncio.run_coroutine_threadsafe(judge.difference(made, ACTORS[actor]), loop).result()
        if asked is not None:
            differences.append(f"actor {actor}\n{asked}")

    await asyncio.to_thread(run)
    assert min(differences, key=len, default=None) is None, f"{len(differences)} of {_EXAMPLES} differ"
