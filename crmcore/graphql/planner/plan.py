"""The tree of what is wanted, after rules and before any database: each node is one JSON value of the answer.

SQL inside it is made of declared names and placeholders only; `a.b` names a column of the rows aliased `a`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Union

from crmcore.entities.kinds import Kind

if TYPE_CHECKING:
    from crmcore.entities.entity import Entity

__all__ = [
    "Amount",
    "AnyOf",
    "Cell",
    "Cursor",
    "Each",
    "Edge",
    "Groups",
    "Items",
    "Literal",
    "Maybe",
    "Member",
    "Minor",
    "Node",
    "Obj",
    "OneOf",
    "Page",
    "Range",
    "RecordId",
    "Records",
    "Row",
    "Rows",
    "Scan",
    "SealedKey",
    "Some",
    "Sorting",
    "Stored",
    "Totals",
    "Whose",
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
class Stored:
    """A value of the database for Python, which opens it, masks it, or both.

    Attributes:

        sql: the value.
        kind: of the value.
        column: what it is a value of.
        sealed: whether it is stored sealed: then as it is stored, else as its kind is shown.
        erased: what is shown where nobody can open it any more.
        masked: whether it is masked.
        mask: name of the mask.
    """

    sql: str
    kind: Kind
    column: str
    sealed: bool
    erased: str | None = None
    masked: bool = False
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """A record's id and that of the person it is about, apart by a space; the second is empty if there is none."""

    id: str
    subject: str


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
class Amount:
    """Minor units of any size, shown as `Minor` shows them."""

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

    value: Obj | AnyOf


@dataclass(frozen=True, slots=True)
class Edge:
    """The cursor of the page's first or last row; only inside `Page`."""

    first: bool


@dataclass(frozen=True, slots=True)
class Some:
    """Whether a condition holds for any of the page's rows; only inside `Page`."""

    condition: str


@dataclass(frozen=True, slots=True)
class Page:
    """An object about an ordered, limited part of some rows.

    Attributes:

        rows: the rows of the list.
        ranges: the parts of the list that the page is taken from, in the order in which they are counted.
        order: how the page is sorted.
        backwards: whether the limit counts from the end.
        limit: SQL for the number of rows.
        fingerprint: names the order in cursors.
        value: what is shown of the page.
    """

    rows: Rows
    ranges: tuple[Range, ...]
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


@dataclass(frozen=True, slots=True)
class Scan:
    """One look at the rows of `Totals`.

    Attributes:

        unit: SQL that parts the rows, the currency of amounts; None if all rows are one part.
        parts: the aggregate calls, of every scan the same ones, without effect where they are not this scan's.
    """

    unit: str | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """An object about all of some rows, or of a part of them.

    Attributes:

        rows: the rows.
        scans: what is counted and added up of them.
        alias: under which the parts are known as `p0`, `p1` and so on, their unit as `u`, their keys as `k0`, `k1` and so on.
        value: the object; its SQL puts the parts together by aggregate functions.
        keys: SQL by which the rows are grouped.
        joins: rows beside each row, at most one of each, which keys are taken from.
    """

    rows: Rows
    scans: tuple[Scan, ...]
    alias: str
    value: Obj
    keys: tuple[str, ...] = ()
    joins: tuple[Rows, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """The list of those parts that meet a condition, each shown as `value`, by their units; only inside `Totals`."""

    condition: str
    unit: str
    value: Obj


@dataclass(frozen=True, slots=True)
class Groups:
    """The list of the objects of all groups.

    Attributes:

        totals: the groups' keys and figures.
        having: conditions on a group.
        order: how the groups are sorted.
        limit: SQL for their number.
    """

    totals: Totals
    having: tuple[str, ...]
    order: tuple[Sorting, ...]
    limit: str


@dataclass(frozen=True, slots=True)
class Row:
    """A list of so many objects as are known beforehand."""

    values: tuple[Obj, ...]


Node = Union[
    Literal,
    Cell,
    Stored,
    Whose,
    RecordId,
    Minor,
    Amount,
    Member,
    Obj,
    Maybe,
    OneOf,
    AnyOf,
    Cursor,
    Items,
    Edge,
    Some,
    Page,
    Records,
    Totals,
    Groups,
    Each,
    Row,
]
