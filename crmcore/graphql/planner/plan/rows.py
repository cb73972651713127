"""Rows of tables, and the order in which a list has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmcore.graphql.planner.plan.leaves import Cell

if TYPE_CHECKING:
    from crmcore.entities.entity import Entity
    from crmcore.entities.kinds import Kind

__all__ = [
    "Range",
    "Rows",
    "SealedKey",
    "Sorting",
]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table that meet all conditions, known by an alias that is unique in the statement."""

    table: str
    alias: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A sealed column by which a list is to be ordered, of the rows `alias` of an entity."""

    entity: Entity
    column: str
    alias: str


@dataclass(frozen=True, slots=True)
class Sorting:
    """One key of an order as SQL.

    Attributes:

        sql: the key.
        kind: of its values.
        descending: whether the largest comes first.
        nulls_first: where rows without it stand; None for what is never null.
        name: what tells it from other keys in cursors, whatever the alias.
        joins: the linked records it is a field of, each row tied to the one before it; none where there is no such record.
        sealed: that it is a sealed value, which no database orders by.
        held: what cursors hold of it in its place: a record's id.
        place_of: from what reads the id of a cursor's record to the placeholder of the key's value for that record.
    """

    sql: str
    kind: Kind
    descending: bool
    nulls_first: bool | None
    name: str = ""
    joins: tuple[Rows, ...] = ()
    sealed: SealedKey | None = None
    held: Cell | None = None
    place_of: Callable[[Callable[[Any], Any]], str] | None = None

    @property
    def in_cursor(self) -> Cell:
        """What cursors hold of it."""
        return self.held or Cell(self.sql, self.kind)

    @property
    def reversed(self) -> Sorting:
        """The same key in the other direction."""
        return replace(
            self, descending=not self.descending, nulls_first=None if self.nulls_first is None else not self.nulls_first
        )

    @property
    def never_null(self) -> Sorting:
        """The same key among rows that have it, where an index must not be asked for a place of nulls."""
        return replace(self, nulls_first=None)


@dataclass(frozen=True, slots=True)
class Range:
    """Rows that stand together in an order and that an index finds at once.

    Attributes:

        where: what they meet, beside the conditions of the list.
        order: the order among them, which may have less keys than the list's.
        linked: linked records that each of them has.
    """

    where: tuple[str, ...]
    order: tuple[Sorting, ...]
    linked: tuple[Rows, ...] = ()
