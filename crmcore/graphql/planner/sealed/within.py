"""Sealed values looked up within the statement that reads the records: one round trip where it would have been two.

What a look-up finds by tokens may be too much. So the statement gives beside its answer what it found; that is opened and
compared, and where it does not hold, the answer is thrown away and the values are looked up before the statement as ever.
Where it holds, what was opened is handed on to the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
        rows: what finds beside each of them whose it is and its value.
        taken: which of the parameters are which of `LookedFor.params`.
    """

    entity: str
    column: str
    lookup: Lookup
    values: int
    ids: str
    select: str
    rows: str
    taken: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The statement of a plan as it finds sealed values itself.

    Attributes:

        sql: the plan's, with a column for each look-up ahead of the others.
        sources: where `$1`, `$2` and so on are from: a parameter of the plan, or a look-up and which of its own.
        within: the look-ups.
        rows_in: from what stands in a look-up's column to the rows it found.
    """

    sql: str
    sources: tuple[int | tuple[int, int], ...]
    within: tuple[Within, ...]
    rows_in: Callable[[Any], Sequence[Sequence[str | None]]]

    async def looked_for(self, database: Database, given: Sequence[Any]) -> Sequence[LookedFor] | None:
        """Return what each look-up looks for; None if they have to be made before the statement.

        Args:

            database: where sealed values are from.
            given: what was read for each of the plan's parameters.
        """
        found = []
        for within in self.within:
            values = given[within.values]
            if not values or None in values:
                values = [one for one in values or () if one is not None]
            if not values or (one := await within.lookup.values(database, values)) is None:
                return None
            found.append(one)
        return found

    def params(self, given: Sequence[Any], looked_for: Sequence[LookedFor]) -> list[Any]:
        """Return what is bound to the statement."""
        return [
            given[source] if isinstance(source, int) else looked_for[source[0]].params[source[1]]
            for source in self.sources
        ]

    async def opened(self, looked_for: Sequence[LookedFor], found: Sequence[Any]) -> Opened | None:
        """Return what the look-ups found, opened; None if that is not what was looked for."""
        opened: Opened = {}
        for within, one, made in zip(self.within, looked_for, found, strict=True):
            keys, cells = [], []
            for id, whose, value in self.rows_in(made):
                if id is None or value is None:
                    # There is a token of a record that has no value: nobody knows here what else is amiss.
                    return None
                keys.append((within.entity, within.column, f"{id} {whose or ''}", value))
                cells.append(Cell(within.column, ids.read(id), None if whose is None else ids.read(whose), value))
            values = await one.opened(cells)
            if values is None:
                return None
            opened.update(zip(keys, zip(cells, values, strict=True), strict=True))
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

    select, rows = _PLACEHOLDER.sub(bound, lookup.ids), _PLACEHOLDER.sub(bound, lookup.sql)
    binder.within.append(Within(entity.name, column, lookup, values, ids, select, rows, taken))


def at_once(sql: str, binder: Binder, dialect: Dialect) -> AtOnce | None:
    """Return a statement as it finds sealed values itself; None if there are none, or others that have to be looked up."""
    if not binder.within:
        return None
    columns = []
    for within in binder.within:
        ids, select = dialect.ids(within.ids), dialect.ids_of(within.select)
        sql = sql.replace(ids, select)
        columns.append(dialect.rows_of(within.rows))
    assert sql.startswith("select ")
    sql, bound = renumbered(f"select {', '.join(columns)}, {sql.removeprefix('select ')}")
    if any(binder.parameters[number].look for number in bound):
        return None
    taken = {number: (place, nth) for place, within in enumerate(binder.within) for number, nth in within.taken.items()}
    sources = tuple(taken.get(number, number) for number in bound)
    return AtOnce(sql, sources, tuple(binder.within), dialect.rows_in)
