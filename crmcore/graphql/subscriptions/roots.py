"""The fields of Subscription: everything, each entity's records by id, and what plugins declare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.entities.action import REQUIRED
from crmcore.entities.entity import Entity, camel
from crmcore.events.live import Live
from crmcore.events.types import EventTypes
from crmcore.graphql.mutations.parameters import argument_type
from crmcore.graphql.roots.change import change_type, entity_type_enum, event_type_enum
from crmcore.graphql.roots.jobs import job_type
from crmcore.graphql.subscriptions.sources import OfJob, OfRecord, OfTypes, Picked
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.forge import argument, field, many, optional

__all__ = ["changed_root", "changes_root", "picked_root", "progress_root"]


def changes_root(types: Types, event_types: EventTypes) -> StrawberryField:
    """Return `changes(types:, entities:, after:)`."""
    by_entity: dict[str, list[str]] = {}
    for kind in event_types.values():
        by_entity.setdefault(kind.entity, []).append(kind.key)
    arguments = [
        argument("types", optional(many(event_type_enum(types, event_types))), "Only these types; all if absent."),
        argument("entities", optional(many(entity_type_enum(types))), "Only about records of these; all if absent."),
        _after(),
    ]
    about = "Everything that happens and that you may read, in the order in which it was committed."
    return field("changes", change_type(types, event_types), about, backing=OfTypes(by_entity), arguments=arguments)


def changed_root(types: Types, event_types: EventTypes, entity: Entity) -> StrawberryField:
    """Return `customerChanged(id:, after:)`."""
    words = entity.name.replace("_", " ")
    arguments = [argument("id", strawberry.ID, "Its id."), _after()]
    about = f"Everything that happens to one {words}."
    result = change_type(types, event_types)
    return field(f"{entity.singular}Changed", result, about, backing=OfRecord(entity), arguments=arguments)


def progress_root(types: Types) -> StrawberryField:
    """Return `jobProgress(id:)`."""
    about = "A job as it stands now, and again whenever that changes, until it has ended."
    by_id = argument("id", strawberry.ID, "Its id.")
    return field("jobProgress", job_type(types), about, backing=OfJob(), arguments=[by_id])


def picked_root(types: Types, event_types: EventTypes, live: Live[Any, Any], problems: list[str]) -> StrawberryField:
    """Return the field that a plugin declares with `live`; `problems` gets a line if its events are nobody's."""
    keys = frozenset(key for key, kind in event_types.items() if issubclass(kind.cls, live.events))
    if not keys:
        names = ", ".join(event.__name__ for event in live.events)
        problems.append(
            f"Plugin {live.plugin!r} adds the subscription {live.name!r} about {names}, which no plugin declares; "
            "give the classes by crm_events."
        )
    arguments = [*_arguments(types, live), _after()]
    result = change_type(types, event_types)
    return field(live.name, result, live.description, backing=Picked(live, keys), arguments=arguments)


def _arguments(types: Types, live: Live[Any, Any]) -> Iterable[StrawberryArgument]:
    for parameter in live.parameters:
        type_ = argument_type(types, parameter)
        if parameter.null or parameter.default is not REQUIRED:
            type_ = optional(type_)
        yield argument(camel(parameter.name), type_, parameter.description)


def _after() -> StrawberryArgument:
    about = "Begin after this cursor of a change you have; with what happens from now on if absent."
    return argument("after", optional(str), about)
