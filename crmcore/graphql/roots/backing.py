"""What backs the root fields that the planner reads; entities' own fields are backed by `crmcore.entities.fields`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crmcore.contributions import Bind
from crmcore.entities.entity import Entity

__all__ = ["GroupsOf", "ListOf", "NodeById", "NodesByIds", "OneById", "Root", "SearchOf"]


@dataclass(frozen=True, slots=True)
class OneById:
    """The record of an entity that the argument `id` names, or null."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class ListOf:
    """A connection over an entity's records.

    Attributes:

        entity: whose records.
        where: restricts them, beside the arguments and the row rules: from the rows' SQL alias and a `bind` to a
            condition that both databases know; a value may enter it only through `bind`.
    """

    entity: Entity
    where: Callable[[str, Bind], str] | None = None


@dataclass(frozen=True, slots=True)
class GroupsOf:
    """Groups of an entity's records, with figures of each."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class NodeById:
    """The record of any entity that the argument `id` names, or null."""


@dataclass(frozen=True, slots=True)
class NodesByIds:
    """For each of the argument `ids` the record it names, or null, in the order given."""


@dataclass(frozen=True, slots=True)
class SearchOf:
    """Records of any entities that the argument `query` finds."""


Root = OneById | ListOf | GroupsOf | NodeById | NodesByIds | SearchOf
