"""Sealed values looked up within the statement that reads the records: one round trip where it would have been two.

What a look-up finds by tokens may be too much. So the statement gives beside its answer what it found; that is opened and
compared, and where it does not hold, the answer is thrown away and the values are looked up before the statement as ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec

from crmcore.database import ids
from crmcore.entities.sealing import Cell, LookedFor, Lookup
from crmcore.graphql.planner.arguments.binding import Binder, Look, Parameter, Within
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.numbering import renumbered
from crmcore.graphql.planner.sealed.looking import Asking, Unsure

__all__ = ["AtOnce", "at_once", "found_within"]

_PLACEHOLDER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The statement of a plan as it finds sealed values itself.

    Attributes:

        sql: the plan's, with a column for each look-up ahead of the others.
        bound: which of the plan's parameters `$1`, `$2` and so on are.
        within: the look-ups.
    """

    sql: str
    bound: tuple[int, ...]
    within: tuple[Within, ...]

    async def holds(self, asking: Asking, found: Sequence[str]) -> bool:
        """Say whether what the look-ups found is what was looked for."""
        for within, text in zip(self.within, found, strict=True):
            rows = msgspec.json.decode(text)
            cells = [
                Cell(within.column, ids.read(id), None if whose is None else ids.read(whose), value)
                for id, whose, value in rows
            ]
            looked_for: LookedFor = await asking.answer(within.question, None)
            if not await looked_for.holds(cells):
                return False
        return True


@dataclass(frozen=True, eq=False, slots=True)
class _Values:
    """Asks what a look-up looks for."""

    lookup: Lookup
    values: int

    async def answer(self, asking: Asking, _given: Any) -> LookedFor:
        values = [one for one in asking.given(self.values) if one is not None]
        found = await self.lookup.values(asking.database, values) if values else None
        if found is None:
            raise Unsure
        return found


def found_within(binder: Binder, lookup: Lookup, column: str, ids: str) -> None:
    """Let the statement find itself what the parameter added last is looked up for, whose placeholder is `ids`."""
    question = _Values(lookup, len(binder.parameters) - 1)
    numbers: dict[str, str] = {}

    def bound(found: re.Match[str]) -> str:
        if found[1] not in numbers:
            take = itemgetter(int(found[1]) - 1)
            look = Look(question, lambda found, _: take(found.params))
            binder.parameters.append(Parameter(lambda _: None, None, look))
            numbers[found[1]] = f"${len(binder.parameters)}"
        return numbers[found[1]]

    binder.within.append(Within(question, column, ids, _PLACEHOLDER.sub(bound, lookup.sql)))


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
    own = {type(look.question) for number in bound if (look := binder.parameters[number].look) is not None}
    return AtOnce(sql, bound, tuple(binder.within)) if own <= {_Values} else None
