"""The type `Change`: one event of the feed as clients see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.errors import SetupError
from crmcore.events.types import EventType, EventTypes
from crmcore.graphql.types.enums import made_enum
from crmcore.graphql.types.forge import field, many, optional
from crmcore.graphql.types.scalars import JSON
from crmcore.graphql.types.structures import Actor, Node, PageInfo

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["change_connection", "change_type", "entity_type_enum", "event_type_enum"]


def change_type(types: Types, events: EventTypes) -> Any:
    """Return the type `Change`."""

    def fields() -> Iterable[StrawberryField]:
        yield field("id", strawberry.ID, "Id of the event; by it one knows what one has seen already.")
        yield field("cursor", str, "Where it stands in the feed; for `after` of `changes`.")
        yield field("type", event_type_enum(types, events), "What happened.")
        yield field("entity", entity_type_enum(types), "The type of the record.")
        yield field("recordId", strawberry.ID, "Id of the record it happened to.")
        yield field("record", optional(Node), "The record as it is now; null if it was deleted since.")
        yield field("at", datetime, "When it happened.")
        yield field("actor", optional(Actor), "Who did it; null where the roles of the one who asks hide that.")
        yield field("requestId", optional(str), "The request that caused it; null if none did.")
        yield field("idempotencyKey", optional(str), "The idempotency key that request carried, if any.")
        yield field("fields", many(_field_change(types)), "The fields that changed, without those one may not see.")
        about = "What else is known of it, by names that its type decides; null for records made, changed or removed."
        yield field("details", optional(JSON), about)

    return types.forge.object("Change", "Something that happened to a record.", fields)


def change_connection(types: Types, events: EventTypes) -> Any:
    """Return the type of a page of changes."""

    def edge() -> Iterable[StrawberryField]:
        yield field("cursor", str, "Where the change stands; for `after`.")
        yield field("node", change_type(types, events), "The change.")

    def fields() -> Iterable[StrawberryField]:
        edges = types.forge.object("ChangeEdge", "One change of a page.", edge)
        yield field("edges", many(edges), "The page's changes, each with its cursor.")
        yield field("nodes", many(change_type(types, events)), "The page's changes.")
        yield field(
            "pageInfo", PageInfo, "Where the page ends: ask on with `after: endCursor`, also after an empty page."
        )

    return types.forge.object("ChangeConnection", "A page of changes.", fields)


def event_type_enum(types: Types, events: EventTypes) -> type[Enum]:
    """Return the enum `EventType`, whose values are the keys of event types.

    Raises:

        SetupError: two types of events would have one name in it.
    """

    def make() -> type[Enum]:
        named: dict[str, EventType] = {}
        problems = []
        for kind in events.values():
            name = kind.key.replace(".", "_").upper()
            if (other := named.setdefault(name, kind)) is not kind:
                problems.append(
                    f"Plugins {other.plugin!r} and {kind.plugin!r} declare the events {other.key} and {kind.key}, which are both "
                    f"{name} in GraphQL; rename one."
                )
        if problems:
            raise SetupError("graphql-conflict", problems)
        members = {name: (kind.key, _about(kind)) for name, kind in named.items()}
        return made_enum("EventType", "What can happen to records.", members)

    made: type[Enum] = types.forge.once("EventType", make)
    return made


def entity_type_enum(types: Types) -> type[Enum]:
    """Return the enum `EntityType`, whose values are the names of entities."""

    def make() -> type[Enum]:
        members = {entity.name.upper(): (entity.name, entity.description) for entity in types.entities.values()}
        return made_enum("EntityType", "A type of records.", members)

    made: type[Enum] = types.forge.once("EntityType", make)
    return made


def _about(kind: EventType) -> str:
    # What follows a semicolon is about the class's attributes.
    return f"{kind.description.partition(';')[0].rstrip('.')}."


def _field_change(types: Types) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("name", str, "Name of the field of the record's type.")
        yield field("before", optional(JSON), "What it held, as the field is shown elsewhere; null if nothing.")
        yield field("after", optional(JSON), "What it has held since, likewise.")

    return types.forge.object("FieldChange", "What happened to one field of a record.", fields)
