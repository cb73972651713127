"""The small declarations that plugins hand to the host and that belong to no part of it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from strawberry.types.field import StrawberryField

    from crmcore.access.actor import Actor

__all__ = ["Bind", "Extension", "Listing", "Permission", "extend"]

#: From a function of the actor, called for every request, to the placeholder under which SQL has its value.
Bind: TypeAlias = "Callable[[Callable[[Actor], Any]], str]"


@dataclass(frozen=True, slots=True)
class Permission:
    """A right that is not about an entity's rows.

    Attributes:

        name: the plugin's name, a dot, and what is permitted (`loyalty.award`).
        description: one sentence for those who give roles.
        plugin: who declares it; the host fills it in.
    """

    name: str
    description: str
    plugin: str = "core"


@dataclass(frozen=True, slots=True)
class Extension:
    """A field for a type that somebody else declares; made by `extend`.

    Attributes:

        target: GraphQL name of the type (`"Query"`, `"Mutation"`, `"Customer"`) or a Strawberry class.
        field: a field with resolver, description and return annotation.
        plugin: who gives it; the host fills it in.
        since: version of the plugin that has it first; the schema shows it.
    """

    target: str | type
    field: StrawberryField
    plugin: str = "core"
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of an entity's records as a field of `Query`: filtered, ordered and paged as `customers` is, planned likewise.

    Example:

        Listing("tasksMyDay", "task", "What I have to do today.", lambda t, bind: f"{t}.assignee_id = {bind(user_id)}")

    Attributes:

        name: the field.
        entity: whose records.
        description: one sentence for the schema.
        where: from the rows' SQL alias and `bind` to a condition; a value may enter it only through `bind`.
        plugin: who gives it; the host fills it in.
        since: version of the plugin that has it first; the schema shows it.
    """

    name: str
    entity: str
    description: str
    where: Callable[[str, Bind], str]
    plugin: str = "core"
    since: str | None = None


def extend(target: str | type, field: Any, *, since: str | None = None) -> Extension:
    """Add a Strawberry field to a type; `since` is the version of the plugin that has it first.

    To type checkers what `strawberry.field` gives is whatever the resolver returns, so `field` is not typed more narrowly.

    Example:

        @strawberry.field(description="What is due today.")
        async def tasks_my_day(info: strawberry.Info) -> list[Task]: ...

        extend("Query", tasks_my_day)
    """
    return Extension(target, field, since=since)
