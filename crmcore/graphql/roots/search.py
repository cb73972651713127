"""The root field `search`: its arguments, `SearchConnection`, and the union of what can be found."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from strawberry.types.field import StrawberryField

from crmcore.graphql.roots.backing import SearchOf
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import made_enum
from crmcore.graphql.types.forge import argument, field, many, optional
from crmcore.graphql.types.structures import PageInfo

__all__ = ["search_root"]


def search_root(types: Types) -> StrawberryField:
    """Return the field `search`."""
    about = (
        "Records of all types whose names, numbers or texts have the words of the query: those that are the query first, "
        "then those that begin with it, then the others; of equals the newest first."
    )
    arguments = [
        argument("query", str, "Words or beginnings of words, parts of Chinese or Japanese names, ends of numbers."),
        argument("types", optional(many(_type(types))), "Records of these types only; of all types if absent."),
        argument("first", optional(int), "How many; 20, or what the operator set, if absent."),
        argument("after", optional(str), "Only what follows this cursor, which must be of the same query."),
    ]
    return field("search", _connection(types), about, backing=SearchOf(), arguments=arguments)


def _connection(types: Types) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("edges", many(_edge(types)), "What is on the page, each with why it was found, and its cursor.")
        yield field("nodes", many(_result(types)), "The page's records.")
        yield field("pageInfo", PageInfo, "Where the page stands in what was found.")

    return types.forge.object("SearchConnection", "A page of what was found, the best first.", fields)


def _edge(types: Types) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("cursor", str, "Where the record stands in what was found; for `after`.")
        yield field("node", _result(types), "The record.")
        yield field("field", optional(str), "The field it was found by, as in `displayName` or `contactPoints.value`.")
        yield field("snippet", optional(str), "The part of that field around the words.")

    return types.forge.object("SearchEdge", "One record that was found.", fields)


def _result(types: Types) -> Any:
    members = [types.of(types.entities[name]) for name in types.entities.searched]
    return types.forge.union("SearchResult", "A record that search finds.", members)


def _type(types: Types) -> type[Enum]:
    def make() -> type[Enum]:
        found = [types.entities[name] for name in types.entities.searched]
        members = {entity.name.upper(): (entity.name, entity.description) for entity in found}
        return made_enum("SearchType", "What type of records to look for.", members)

    made: type[Enum] = types.forge.once("SearchType", make)
    return made
