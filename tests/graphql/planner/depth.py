"""A long list for the tests of deep pages, with an index for each order that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from piccolo.table import Table

from crmcore.database import Database
from crmcore.database.create import create_tables
from crmcore.database.instants import wire
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.entity import Entity
from crmcore.entities.record import Record
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.graphql.schema.schema import CrmSchema, build_schema
from tests.graphql.planner.world import EPOCH


class Branch(Record, Table, tablename="branch"):
    """What leaves hang on."""

    name = c.text("Its name.")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("name", "id")),)


class Leaf(Record, Table, tablename="leaf"):
    """One of very many."""

    number = c.integer("Its place among all, from 0.")
    at = c.instant("When it fell.")
    weight = c.integer("What it weighs; every third is not weighed.", null=True)
    color = c.integer("Its color, one of twenty.")
    branch_id = c.link("branch", "Where it hung.", references=Branch, null=True, inverse="leaves")
    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("number",)),
        Index(("at", "id")),
        Index(("weight", "id")),
        Index(("color", "at", "id")),
        Index(("branch_id", "id")),
    )


ENTITIES = Entities((Entity(Branch, "branches"), Entity(Leaf, "leaves")))


@cache
def schema() -> CrmSchema:
    """The schema of branches and leaves."""
    return build_schema(ENTITIES, Registries([], []))


_NUMBERS = {
    "sqlite": "(with recursive n(n) as (select 0 union all select n + 1 from n limit $1) select n from n)",
    "postgresql": "(select generate_series(0, $1::int - 1) as n)",
}
_ID = {
    "sqlite": "'01900000-0000-7000-{table}-' || printf('%012x', {number})",
    "postgresql": "('01900000-0000-7000-{table}-' || lpad(to_hex({number}), 12, '0'))::uuid",
}
#: Leaves are numbered by their ids; the order of their instants and weights has nothing to do with it.
_AT = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2026-01-01', (n * 7919 % 100003) || ' minutes')",
    "postgresql": "timestamptz '2026-01-01T00:00:00Z' + make_interval(mins => (n * 7919::bigint % 100003)::int)",
}
_BRANCHES = 500


async def fill(database: Database, count: int) -> None:
    """Make the tables, with `count` leaves on the branches."""
    await create_tables(database, [ENTITIES[name].table for name in ("branch", "leaf")])
    now = wire(EPOCH)
    kept = f"1, '{now}', '{now}', '{{}}', '{{}}'"
    names = "version, created_at, updated_at, created_by, updated_by"
    weight = "case when n % 3 = 0 then null else n * 31 % 5003 end"
    at, numbers, id = (by[database.dialect] for by in (_AT, _NUMBERS, _ID))
    branch, leaf = id.format(table="8001", number="n % 500"), id.format(table="8000", number="n")
    await database.execute(
        f"insert into branch (id, name, {names}) select {branch}, 'Branch ' || (n * 31 % 500), {kept} from {numbers} numbers",
        _BRANCHES,
    )
    await database.execute(
        f"""insert into leaf (id, branch_id, at, {names}, number, weight, color)
        select {leaf}, {branch}, {at}, {kept}, n, {weight}, n % 20 from {numbers} numbers""",
        count,
    )
    await database.execute("analyze")


#: What the leaf of a number has, as the statements above fill it in.
_VALUES: Mapping[str, Callable[[int], int | None]] = {
    "AT": lambda n: n * 7919 % 100003,
    "WEIGHT": lambda n: None if n % 3 == 0 else n * 31 % 5003,
    "COLOR": lambda n: n % 20,
}


def ordered(order: Sequence[Mapping[str, str]], count: int) -> list[int]:
    """Return the numbers of `count` leaves in an order."""
    numbers = sorted(range(count), reverse=not order or order[-1].get("direction") == "DESC")
    for key in reversed(order):
        descending, value = key.get("direction") == "DESC", _VALUES[key["field"]]
        without = [n for n in numbers if value(n) is None]
        having = sorted((n for n in numbers if value(n) is not None), key=value, reverse=descending)  # type: ignore[arg-type]
        first = key.get("nulls", "FIRST" if descending else "LAST") == "FIRST"
        numbers = without + having if first else having + without
    return numbers


async def steps(database: Database, sql: str, params: Sequence[Any]) -> str:
    """Return how the database goes about a statement, a line for each step."""
    if database.dialect == "postgresql":
        return "\n".join(step for [step] in await database.fetch(f"explain {sql}", *params))
    return "\n".join(row[3] for row in await database.fetch(f"explain query plan {sql}", *params))
