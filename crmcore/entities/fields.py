"""What can back a field of an entity's GraphQL type; the planner turns each into SQL, knowing nothing of entities.

Every field stands in the entity's table row (`Scalar`, `Money`, `Stamp`, `Expression`), leads to other records
(`One`, `Many`, `AnyOne`, `Feed`), or is made by Python from columns (`Computed`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from crmcore.entities.columns import Facts
from crmcore.entities.kinds import Kind

if TYPE_CHECKING:
    from crmcore.entities.timeline import Timeline

__all__ = ["AnyOne", "Computed", "Expression", "Feed", "Field", "Join", "Many", "Money", "One", "Scalar", "Stamp"]

#: From two SQL aliases (parent, child) to the condition that ties the child rows to the parent row.
#: It may only name columns: no values, no input.
Join = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A column. A column of kind ID shows as `entity_uuid`: `target` names the entity, `type_column` holds it when any."""

    name: str
    description: str
    column: str
    facts: Facts
    kind: Kind
    null: bool
    target: str | None = None
    type_column: str | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """Two columns shown as `Money { amount currency }`; null when the amount is."""

    name: str
    description: str
    column: str
    currency_column: str
    facts: Facts
    null: bool


@dataclass(frozen=True, slots=True)
class Stamp:
    """A JSON column `{"type", "id", "label"}` shown as `Actor { type id label }`."""

    name: str
    description: str
    column: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A value the database computes: `sql` maps the row's alias and the dialect's name to one SQL expression.

    Example:

        Expression("loyaltyTenureDays", "Days since joining.", INT, lambda t, dialect: f"...{t}.joined_at...", null=True)
    """

    name: str
    description: str
    kind: Kind
    sql: Callable[[str, str], str]
    null: bool = True


@dataclass(frozen=True, slots=True)
class Computed:
    """A value Python computes: `values` gets all rows of one place (dicts of `requires`) and gives as many results."""

    name: str
    description: str
    kind: Kind
    requires: tuple[str, ...]
    values: Callable[[Sequence[dict[str, Any]]], Awaitable[Sequence[Any]]]
    null: bool = True


@dataclass(frozen=True, slots=True)
class One:
    """At most one record of `target`; always nullable, since a row rule may hide it. `column` is the link, if it is here."""

    name: str
    description: str
    target: str
    join: Join
    column: str | None = None


@dataclass(frozen=True, slots=True)
class AnyOne:
    """A record of any entity, by a type column and an id column; shown as the interface `Node`."""

    name: str
    description: str
    column: str
    type_column: str


@dataclass(frozen=True, slots=True)
class Many:
    """The records of `target` that `join` ties to this one; shown as a connection."""

    name: str
    description: str
    target: str
    join: Join


@dataclass(frozen=True, slots=True)
class Feed:
    """Records of several entities in one list, the newest first; `sources` are their names and what each declares."""

    name: str
    description: str
    sources: tuple[tuple[str, Timeline], ...]


Field = Union[Scalar, Money, Stamp, Expression, Computed, One, AnyOne, Many, Feed]
