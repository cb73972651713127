"""Sealed values looked up within the statement that reads the records: one round trip where it would have been two.

What a look-up finds by tokens may be too much. So the statement gives beside its answer what it found, unless the answer
shows it (`shown`); that is opened and compared, and where it does not hold, the answer is thrown away and the values are looked
up before the statement as ever. Where it holds, what was opened is handed on to the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from crmcore.database import Database
from crmcore.entities.entity import Entity
from crmcore.entities.sealing import Found, LookedFor, Lookup
from crmcore.errors import Refusal
from crmcore.graphql.planner.arguments.binding import Parameter
from crmcore.graphql.planner.numbering import renumbered
from crmcore.graphql.planner.sealed.batch import Opened, owner_of
from crmcore.graphql.planner.sealed.opening import Opening
from crmcore.graphql.planner.sealed.shown import Shown, shown_by

if TYPE_CHECKING:
    from crmcore.graphql.planner.arguments.binding import Binder
    from crmcore.graphql.planner.dialect import Dialect
    from crmcore.graphql.planner.plan import Node

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
        every: what finds them.
        few: what finds them where they are few.
        rows: what finds beside each of these whose it is and its value.
        taken: which of the parameters are which of `LookedFor.params`.
        takes: how many these are.
    """

    entity: str
    column: str
    lookup: Lookup
    values: int
    ids: str
    every: str
    few: str
    rows: str
    taken: Mapping[int, int]
    takes: int


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The statement of a plan as it finds sealed values itself.

    Attributes:

        sql: the plan's, with a column for each look-up ahead of the others, unless the answer shows what they find.
        within: the look-ups.
        shown: where the answer shows what each of them finds; none if they have columns.
        left: places with values to open that are none of these.
        lone: column of the only root, if what is shown in it is all that Python has to see to; else None.
        bound: from what was read for the plan's parameters, then what each look-up binds, to what is bound to the statement.
        rows_in: from what stands in a look-up's column to the rows it found.
    """

    sql: str
    within: tuple[Within, ...]
    shown: tuple[Shown, ...]
    left: tuple[Opening, ...]
    lone: int | None
    bound: Callable[[list[Any]], Sequence[Any]]
    rows_in: Callable[[Any], Sequence[Sequence[str | None]]]

    async def asked(self, database: Database, given: Sequence[Any]) -> tuple[Sequence[LookedFor], Sequence[Any]] | None:
        """Return what each look-up looks for, and what is bound to the statement; None if they have to be made before it.

        Args:

            database: where sealed values are from.
            given: what was read for each of the plan's parameters.
        """
        found, bound = [], [*given]
        for within in self.within:
            values = given[within.values]
            if not values or None in values:
                values = [one for one in values or () if one is not None]
                if not values:
                    return None
            if (one := await within.lookup.values(database, values)) is None:
                return None
            found.append(one)
            bound += one.params
        return found, self.bound(bound)

    async def opened(self, looked_for: Sequence[LookedFor], found: Sequence[Any]) -> Opened | None:
        """Return what the look-ups found, opened; None if that is not what was looked for."""
        opened: Opened = {}
        for within, one, made in zip(self.within, looked_for, found, strict=True):
            keys, seen, rows = [], [], self.rows_in(made)
            if len(rows) > within.lookup.most:
                return None
            for id, whose, value in rows:
                if id is None or value is None:
                    # There is a token of a record that has no value: nobody knows here what else is amiss.
                    return None
                owner = f"{id} {whose or ''}"
                keys.append((within.entity, within.column, owner, value))
                seen.append(Found(within.column, owner_of(owner), value))
            try:
                values = await one.opened(seen)
            except Refusal:
                return None
            if values is None:
                return None
            cells = [each.cell() for each in seen]
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
            # What stands there nobody looks at.
            binder.parameters.append(Parameter(id, None))
            numbers[found[1]] = f"${len(binder.parameters)}"
        return numbers[found[1]]

    every, few, rows = (_PLACEHOLDER.sub(bound, select) for select in (lookup.every, lookup.ids, lookup.sql))
    binder.within.append(Within(entity.name, column, lookup, values, ids, every, few, rows, taken, len(taken)))


def at_once(
    sql: str,
    binder: Binder,
    dialect: Dialect,
    nodes: Iterable[tuple[str, Node]],
    openings: Sequence[Opening],
    lone: int | None,
) -> AtOnce | None:
    """Return a statement as it finds sealed values itself; None if there are none, or others that have to be looked up.

    Args:

        sql: the statement.
        binder: its parameters.
        dialect: the database's.
        nodes: its roots by response key.
        openings: places with values to open, of all roots.
        lone: column of the only root, if values to open are all that Python has to see to; else None.
    """
    if not binder.within:
        return None
    shown = shown_by(nodes, binder.within, openings, dialect)
    for within in binder.within:
        sql = sql.replace(dialect.ids(within.ids), dialect.ids_of(within.every if shown else within.few))
    assert sql.startswith("select ")
    if not shown:
        columns = ", ".join(dialect.rows_of(within.rows) for within in binder.within)
        sql = f"select {columns}, {sql.removeprefix('select ')}"
    sql, bound = renumbered(sql)
    if any(binder.parameters[number].look for number in bound):
        return None
    left = tuple(opening for opening in openings if all(opening is not one.opening for one in shown))
    lone = None if left or len(shown) != 1 else lone
    return AtOnce(sql, tuple(binder.within), shown, left, lone, _picked(binder, bound), dialect.rows_in)


def _picked(binder: Binder, bound: Sequence[int]) -> Callable[[list[Any]], Sequence[Any]]:
    """Return what picks the values that are bound from those of the parameters and of the look-ups, one after the other."""
    start, places = len(binder.parameters), dict[int, int]()
    for within in binder.within:
        places |= {number: start + nth for number, nth in within.taken.items()}
        start += within.takes
    picked = [places.get(number, number) for number in bound]
    return itemgetter(*picked) if len(picked) > 1 else lambda values: [values[place] for place in picked]
