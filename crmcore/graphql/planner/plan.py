"""The tree of what is wanted, after rules and before any database: each node is one JSON value of the answer.

SQL inside it is made of declared names and placeholders only; `a.b` names a column of the rows aliased `a`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from crmcore.entities.kinds import Kind

__all__ = [
    "AnyOf",
    "Cell",
    "Cursor",
    "Edge",
    "Items",
    "Literal",
    "Maybe",
    "Member",
    "Minor",
    "Node",
    "Obj",
    "OneOf",
    "Page",
    "RecordId",
    "Records",
    "Rows",
    "Sorting",
]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table that meet all conditions, known by an alias that is unique in the statement."""

    table: str
    alias: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """One key of an order as SQL; `nulls_first` is None for what is never null."""

    sql: str
    kind: Kind
    descending: bool
    nulls_first: bool | None

    @property
    def reversed(self) -> Sorting:
        """The same key in the other direction."""
        return Sorting(
            self.sql, self.kind, not self.descending, None if self.nulls_first is None else not self.nulls_first
        )


@dataclass(frozen=True, slots=True)
class Literal:
    """A text known beforehand, a type's name for example; None is null."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of the database, shown as its kind is shown; `masked` texts show their first character at most."""

    sql: str
    kind: Kind
    masked: bool = False


@dataclass(frozen=True, slots=True)
class RecordId:
    """A UUID shown as `entity_uuid`; `entity` is SQL for the entity's name."""

    sql: str
    entity: str


@dataclass(frozen=True, slots=True)
class Minor:
    """Minor units shown as a decimal text with the digits of the currency."""

    sql: str
    currency: str


@dataclass(frozen=True, slots=True)
class Member:
    """A text inside a JSON column."""

    sql: str
    key: str


@dataclass(frozen=True, slots=True)
class Obj:
    """A JSON object, its members in order."""

    members: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value where a condition holds, else null."""

    condition: str
    value: Node


@dataclass(frozen=True, slots=True)
class OneOf:
    """The object of the only row there is at most, or null."""

    rows: Rows
    value: Obj


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The first of several that is not null."""

    ways: tuple[OneOf, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The current row's cursor; only inside `Items`."""


@dataclass(frozen=True, slots=True)
class Items:
    """The list of the page's rows, each shown as `value`; only inside `Page`."""

    value: Obj


@dataclass(frozen=True, slots=True)
class Edge:
    """The cursor of the page's first or last row; only inside `Page`."""

    first: bool


@dataclass(frozen=True, slots=True)
class Page:
    """An object about an ordered, limited part of some rows.

    Attributes:

        rows: the rows, those beyond the cursors taken away.
        order: how the page is sorted.
        backwards: whether the limit counts from the end.
        limit: SQL for the number of rows.
        fingerprint: names the order in cursors.
        value: what is shown of the page.
    """

    rows: Rows
    order: tuple[Sorting, ...]
    backwards: bool
    limit: str
    fingerprint: str
    value: Obj


@dataclass(frozen=True, slots=True)
class Records:
    """One object or null for each of some bound ids, in their order.

    Attributes:

        entities, ids: placeholders of two lists of one length: entity names and UUIDs.
        alias: alias under which one id's `entity` and `id` are known.
        value: the object; its rows are tied to the alias.
    """

    entities: str
    ids: str
    alias: str
    value: AnyOf


Node = Union[Literal, Cell, RecordId, Minor, Member, Obj, Maybe, OneOf, AnyOf, Cursor, Items, Edge, Page, Records]
