"""Records and what is shown of them: objects, one or none, one of several kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmcore.graphql.planner.plan.rows import Rows

if TYPE_CHECKING:
    from crmcore.graphql.planner.plan.node import Node

__all__ = [
    "AnyOf",
    "Maybe",
    "Obj",
    "OneOf",
    "Records",
    "Row",
]


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
class Row:
    """A list of so many objects as are known beforehand."""

    values: tuple[Obj, ...]
