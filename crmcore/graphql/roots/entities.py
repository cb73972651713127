"""The fields of Query that every schema has: each entity by id, as a list and in groups, nodes, and what plugins list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.contributions import Listing
from crmcore.entities.entity import Entity
from crmcore.graphql.lists.connections import connection, page_arguments
from crmcore.graphql.lists.groups import groups_root
from crmcore.graphql.roots.backing import ListOf, NodeById, NodesByIds, OneById
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.forge import argument, field, many, optional
from crmcore.graphql.types.structures import Node

__all__ = ["entity_roots", "listing_root", "node_roots"]


def entity_roots(types: Types, entity: Entity, *, past: bool) -> Iterable[StrawberryField]:
    """Return `customer(id:)`, `customers(...)` and `customersGroupBy(...)`; with `past` the first one looks back too."""
    words = entity.name.replace("_", " ")
    by_id = argument("id", strawberry.ID, "Its id.")
    as_of = argument("asOf", optional(datetime), "Show it as it was then.")
    about = f"One {words}; null if there is none, or you may not see it."
    arguments = [by_id, as_of] if past else [by_id]
    yield field(entity.singular, optional(types.of(entity)), about, backing=OneById(entity), arguments=arguments)
    yield _list(types, entity, entity.plural, f"The {entity.plural} you may see.", ListOf(entity))
    yield groups_root(types, entity)


def listing_root(types: Types, listing: Listing) -> StrawberryField:
    """Return the list a plugin declares."""
    entity = types.entities[listing.entity]
    return _list(types, entity, listing.name, listing.description, ListOf(entity, listing.where))


def node_roots() -> Iterable[StrawberryField]:
    """Return `node(id:)` and `nodes(ids:)`."""
    one = argument("id", strawberry.ID, "Id of a record of any type.")
    yield field("node", optional(Node), "One record of any type by its id.", backing=NodeById(), arguments=[one])
    several = argument("ids", many(strawberry.ID), "Ids of records of any types, at most 200.")
    about = (
        "Records of any types by their ids, in the order of the ids; null where there is none, or you may not see it."
    )
    yield field("nodes", many(optional(Node)), about, backing=NodesByIds(), arguments=[several])


def _list(types: Types, entity: Entity, name: str, description: str, backing: ListOf) -> StrawberryField:
    arguments = page_arguments(types, entity, root=True)
    return field(name, connection(types, entity), description, backing=backing, arguments=arguments)
