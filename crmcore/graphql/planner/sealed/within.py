"""Sealed values looked up within the statement that reads the records: one round trip where it would have been two.

What a look-up finds by tokens may be too much. So the statement gives beside its answer what it found; that is opened and
compared, and where it does not hold, the answer is thrown away and the values are looked up before the statement as ever.
Where it holds, what was opened is handed on to the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from crmcore.database import Database, ids
from crmcore.entities.entity import Entity
from crmcore.entities.sealing import Cell, LookedFor, Lookup
from crmcore.graphql.planner.arguments.binding import Parameter
from crmcore.graphql.planner.numbering import renumbered
from crmcore.graphql.planner.sealed.batch import Opened

if TYPE_CHECKING:
    from crmcore.graphql.planner.arguments.binding import Binder
    from crmcore.graphql.planner.dialect import Dialect

__all__ = ["AtOnce", "Within", "at_once", "found_within"]

_PLACEHOLDER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Within:
    """Ids that the statement can find itself, in place of the parameter that they would be bound to.

    Attributes:

        entity, column: of what.
        lookup: how they are found.
        values: which parameter has the values that are looked for.
        ids: placeholder of the ids.
        select: what finds them.
        taken: which of the parameters are which of `LookedFor.params`.
    """

    entity: str
    column: str
    lookup: Lookup
    values: int
    ids: str
    select: str
    taken: Mapping[int, int]

    async def looked_for(self, database: Database, given: Sequence[Any]) -> LookedFor | None:
        """Return what is looked for; None if the statement cannot find it now."""
        values = [one for one in given[self.values] or () if one is not None]
        return await self.lookup.values(database, values) if values else None


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The statement of a plan as it finds sealed values itself.

    Attributes:

        sql: the plan's, with a column for each look-up ahead of the others.
        sources: where `$1`, `$2` and so on are from: a parameter of the plan, or a look-up and which of its own.
        within: the look-ups.
    """

    sql: str
    sources: tuple[int | tuple[int, int], ...]
    within: tuple[Within, ...]

    async def looked_for(self, database: Database, given: Sequence[Any]) -> Sequence[LookedFor] | None:
        """Return what each look-up looks for; None if they have to be made before the statement.

        Args:

            database: where sealed values are from.
            given: what was read for each of the plan's parameters.
        """
        found = []
        for within in self.within:
            if (one := await within.looked_for(database, given)) is None:
                return None
            found.append(one)
        return found

    def params(self, given: Sequence[Any], looked_for: Sequence[LookedFor]) -> list[Any]:
        """Return what is bound to the statement."""
        return [
            given[source] if isinstance(source, int) else looked_for[source[0]].params[source[1]]
            for source in self.sources
        ]

    async def opened(self, looked_for: Sequence[LookedFor], found: Sequence[str]) -> Opened | None:
        """Return what the look-ups found, opened; None if that is not what was looked for."""
        opened: Opened = {}
        for within, one, text in zip(self.within, looked_for, found, strict=True):
            rows = msgspec.json.decode(text)
            cells = [
                Cell(within.column, ids.read(id), None if whose is None else ids.read(whose), value)
                for id, whose, value in rows
            ]
            values = await one.opened(cells)
            if values is None:
                return None
            for (id, whose, stored), cell, value in zip(rows, cells, values, strict=True):
                opened[within.entity, within.column, f"{id} {whose or ''}", stored] = cell, value
        return opened


def found_within(binder: Binder, lookup: Lookup, entity: Entity, column: str, ids: str) -> None:
    """Let the statement find itself what the parameter added last is looked up for, whose placeholder is `ids`."""
    values = len(binder.parameters) - 1
    numbers: dict[str, str] = {}
    taken: dict[int, int] = {}

    def bound(found: re.Match[str]) -> str:
        if found[1] not in numbers:
            taken[len(binder.parameters)] = int(found[1]) - 1
            binder.parameters.append(Parameter(lambda _: None, None))
            numbers[found[1]] = f"${len(binder.parameters)}"
        return numbers[found[1]]

    select = _PLACEHOLDER.sub(bound, lookup.sql)
    binder.within.append(Within(entity.name, column, lookup, values, ids, select, taken))


def at_once(sql: str, binder: Binder, dialect: Dialect) -> AtOnce | None:
    """Return a statement as it finds sealed values itself; None if there are none, or others that have to be looked up."""
    if not binder.within:
        return None
    columns = []
    for within in binder.within:
        ids, select = dialect.ids(within.ids), dialect.ids_of(within.select)
        sql = sql.replace(ids, select)
        columns.append(dialect.rows_of(within.select))
    assert sql.startswith("select ")
    sql, bound = renumbered(f"select {', '.join(columns)}, {sql.removeprefix('select ')}")
    if any(binder.parameters[number].look for number in bound):
        return None
    taken = {number: (place, nth) for place, within in enumerate(binder.within) for number, nth in within.taken.items()}
    return AtOnce(sql, tuple(taken.get(number, number) for number in bound), tuple(binder.within))
