"""Whether a page's rows are found the same way whatever its values are, so that its statement need be planned only once.

PostgreSQL takes `limit $1` for a tenth of the table, finds that dear, and plans such a statement anew for each execution,
which takes longer than to read a page. With the size as a number it plans once; but where rows are searched for that have
a rare value and no index leads to them in order, the one plan may be the wrong one (docs/decisions/0026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crmcore.database.schema import declared_indexes
from crmcore.entities.entity import Entity
from crmcore.graphql.planner.plan import Rows, Sorting

__all__ = ["steady"]

_EQUALS = re.compile(r"\(?(\w+)\.(\w+) = (?:(\w+)\.\w+|\$\d+(?:::\w+)?)\)?").fullmatch


def steady(entity: Entity, rows: Rows, order: Sequence[Sorting]) -> bool:
    """Say whether an index leads to the rows in order, or the rows are those of another record, found by their link.

    Args:

        entity: whose rows they are.
        rows: with all conditions of the list but its cursors.
        order: its keys, the id last.
    """
    alive = f"{rows.alias}.deleted_at is null"
    usable = (i for i in declared_indexes(entity.table) if i.where is None and (not i.live or alive in rows.where))
    indexes = [("id",), *(index.columns for index in usable)]
    equal: set[str] = set()
    plain = True
    for condition in rows.where:
        found = _EQUALS(condition)
        if found is not None and found[1] == rows.alias:
            if found[3] is not None and any(columns[0] == found[2] for columns in indexes):
                # No value decides how these are found: the database knows none when it plans.
                return True
            equal.add(found[2])
        elif condition != alive:
            plain = False
    return plain and any(_leads(columns, equal, rows.alias, order) for columns in indexes)


def _leads(columns: Sequence[str], equal: set[str], alias: str, order: Sequence[Sorting]) -> bool:
    """Say whether an index has the equal columns first, and what follows in the list's order or its reverse."""
    head, tail = columns[: len(equal)], columns[len(equal) :]
    if set(head) != equal:
        return False
    wanted = list(_keys(alias, order))
    keys = wanted if len(wanted) == len(order) else []
    for direction in (keys, [(name, not down, nulls) for name, down, nulls in keys]):
        # Rows that agree in all but the id are few.
        for some in (direction, direction[:-1]):
            if some and [(name, down) for name, down, _ in some] == [_key(c) for c in tail[: len(some)]]:
                return True
    return False


def _keys(alias: str, order: Sequence[Sorting]) -> Iterator[tuple[str, bool, bool | None]]:
    for key in order:
        table, _, column = key.sql.partition(".")
        # Nulls stand where an index of PostgreSQL has them by itself.
        if table == alias and column.isidentifier() and key.nulls_first in (None, key.descending):
            yield column, key.descending, key.nulls_first


def _key(column: str) -> tuple[str, bool]:
    name, _, direction = column.partition(" ")
    return name, direction == "desc"
