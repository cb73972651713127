"""Relay connections: the types of a page of records, and the arguments that choose the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.entities.entity import Entity
from crmcore.graphql.lists.aggregates import aggregate_type
from crmcore.graphql.lists.filters import filter_input
from crmcore.graphql.lists.ordering import order_input, order_words
from crmcore.graphql.types.enums import DeletedRecords
from crmcore.graphql.types.forge import argument, field, many, optional
from crmcore.graphql.types.structures import PageInfo

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["connection", "page_arguments"]


def connection(types: Types, entity: Entity) -> Any:
    """Return the connection type of an entity, `CustomerConnection`."""

    def fields() -> Iterable[StrawberryField]:
        node = types.of(entity)
        yield field("edges", many(_edge(types, entity)), "The page's records, each with its cursor.")
        yield field("nodes", many(node), "The page's records.")
        yield field("pageInfo", PageInfo, "Where the page stands in the list.")
        yield field("totalCount", int, "How many records the whole list has; costs a count when asked for.")
        yield field(
            "aggregate", aggregate_type(types, entity), "Figures of the whole list; cost nothing unless asked for."
        )

    return types.forge.object(f"{entity.type_name}Connection", f"A page of {entity.plural}.", fields)


def _edge(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("cursor", str, "Where the record stands in this order of the list; for `after` and `before`.")
        yield field("node", types.of(entity), "The record.")

    return types.forge.object(f"{entity.type_name}Edge", f"One of the {entity.plural} of a page.", fields)


def page_arguments(types: Types, entity: Entity, *, root: bool) -> list[StrawberryArgument]:
    """Return the arguments of a list of an entity; `deleted` is for lists at the root only."""
    arguments = [
        argument("filter", optional(filter_input(types, entity)), "Which records; all if absent."),
        argument("orderBy", optional(many(order_input(types, entity, root=root))), order_words(entity)),
        argument(
            "first",
            optional(int),
            "How many from the start; 20, or what the operator set, if neither `first` nor `last` is given.",
        ),
        argument("after", optional(str), "Only what follows this cursor, which must be of the same order."),
        argument("last", optional(int), "How many from the end."),
        argument("before", optional(str), "Only what precedes this cursor, which must be of the same order."),
    ]
    if root and entity.soft_delete:
        about = "Whether deleted records are listed."
        arguments.append(argument("deleted", DeletedRecords, about, DeletedRecords.EXCLUDE))
    return arguments
