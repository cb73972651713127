"""Timelines: `TimelineConnection`, its entries of several types, and the arguments that choose among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.graphql.types.enums import made_enum
from crmcore.graphql.types.forge import argument, field, many, optional
from crmcore.graphql.types.structures import PageInfo

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["timeline_arguments", "timeline_connection"]


def timeline_connection(types: Types) -> Any:
    """Return the connection type of all timelines."""

    def fields() -> Iterable[StrawberryField]:
        yield field(
            "edges", many(_edge(types)), "The page's entries, each with what it is, when it was, and its cursor."
        )
        yield field("nodes", many(_entry(types)), "The page's records.")
        yield field("pageInfo", PageInfo, "Where the page stands in the timeline.")
        yield field("totalCount", int, "How many entries the whole timeline has; costs a count when asked for.")

    return types.forge.object("TimelineConnection", "A page of a timeline, the newest entry first.", fields)


def timeline_arguments(types: Types) -> list[StrawberryArgument]:
    """Return the arguments of a timeline."""
    return [
        argument(
            "first", optional(int), "How many from the newest; 20, or what the operator set, if neither is given."
        ),
        argument("after", optional(str), "Only what follows this cursor: older entries."),
        argument("last", optional(int), "How many from the oldest."),
        argument("before", optional(str), "Only what precedes this cursor: newer entries."),
        argument("kinds", optional(many(_kind(types))), "Only entries of these kinds; of all if absent."),
        argument("since", optional(datetime), "Only what happened then or later."),
        argument("until", optional(datetime), "Only what happened before."),
    ]


def _edge(types: Types) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("cursor", str, "Where the entry stands in the timeline; for `after` and `before`.")
        yield field("kind", _kind(types), "What happened.")
        yield field("at", datetime, "When it happened, or is to happen.")
        yield field("node", _entry(types), "The record of it.")

    return types.forge.object("TimelineEdge", "One entry of a timeline.", fields)


def _entry(types: Types) -> Any:
    members = [types.of(entity) for entity in types.entities.values() if entity.timeline]
    return types.forge.union("TimelineEntry", "A record that is an entry of a timeline.", members)


def _kind(types: Types) -> type[Enum]:
    def make() -> type[Enum]:
        said = [said for entity in types.entities.values() for said in entity.timeline]
        return made_enum(
            "TimelineKind", "What an entry of a timeline is.", {s.kind: (s.kind, s.description) for s in said}
        )

    made: type[Enum] = types.forge.once("TimelineKind", make)
    return made
