"""Root fields that the planner reads: a record by id, a list, nodes; and the records a mutation has written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import FieldNode, GraphQLField

from crmcore.database import ids
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Bound
from crmcore.graphql.planner.arguments.values import text
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feeds.search import search
from crmcore.graphql.planner.figures.groups import groups
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.past import past
from crmcore.graphql.planner.plan import Node, OneOf, Records, Rows
from crmcore.graphql.roots.backing import GroupsOf, ListOf, NodeById, NodesByIds, OneById, Root, SearchOf

__all__ = ["root", "written"]


def root(compilation: Compilation, backing: Root, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Node:
    """Compile a root field.

    Raises:

        Refusal: the arguments or the rules do not allow it.
        Failed: a field below cannot be read.
    """
    match backing:
        case OneById(entity):
            given = compilation.arguments(nodes[0], here)
            by_id, as_of = given.get("id"), given.get("asOf")
            assert by_id is not None
            read = by_id.reader(lambda given: ids.parse(text(given), entity.name))
            if as_of is not None:
                id = compilation.binder.bind(read, kinds.ID, here.place)
                return past(compilation, entity, id, as_of, nodes, here)
            return _one(compilation, entity, read, nodes, here)
        case NodeById():
            by_id = compilation.arguments(nodes[0], here).get("id")
            assert by_id is not None
            entity = _known(compilation, by_id.entities[0])
            return _one(compilation, entity, by_id.reader(), nodes, here)
        case NodesByIds():
            return _nodes(compilation, nodes, here)
        case ListOf(entity):
            return compilation.page(compilation, entity, _all(compilation, backing, nodes, here), field, nodes, here)
        case GroupsOf(entity):
            rows = _all(compilation, ListOf(entity), nodes, here)
            return groups(compilation, entity, rows, field, nodes, here)
        case SearchOf():
            return search(compilation, field, nodes, here)


def written(
    compilation: Compilation, entity: Entity, nodes: Sequence[FieldNode], *, after_write: bool, one: bool, here: Here
) -> OneOf:
    """Compile records by a list of ids, or by one id, which is the statement's first value.

    Args:

        compilation: the statement.
        entity: whose records.
        nodes: fields whose selection sets are merged.
        after_write: whether the actor has just written them: then deleted ones count, and no row rule stands between.
        one: whether there is one id: PostgreSQL plans for each list anew.
        here: where they stand.
    """
    alias = compilation.related.alias()
    dialect = compilation.request.dialect
    read: Callable[[Bound], Any] = (lambda bound: bound.values[-1][0]) if one else (lambda bound: bound.values[-1])
    given = compilation.binder.bind(read, kinds.ID, here.place, many=not one)
    rules = () if after_write else compilation.related.live(entity, alias)
    wanted = f"{alias}.id = {given}" if one else dialect.among(f"{alias}.id", given)
    rows = Rows(entity.tablename, alias, (wanted, *rules))
    return OneOf(rows, compilation.record(entity, alias, nodes, here))


def _one(
    compilation: Compilation, entity: Entity, read: Callable[[Any], Any], nodes: list[FieldNode], here: Here
) -> Node:
    alias = compilation.related.alias()
    placeholder = compilation.binder.bind(read, kinds.ID, here.place)
    rows = Rows(entity.tablename, alias, (f"{alias}.id = {placeholder}", *compilation.related.live(entity, alias)))
    return OneOf(rows, compilation.record(entity, alias, nodes, here))


def _nodes(compilation: Compilation, nodes: list[FieldNode], here: Here) -> Node:
    given = compilation.arguments(nodes[0], here).get("ids")
    assert given is not None
    largest = compilation.request.largest_page

    def checked(pairs: list[Any]) -> list[Any]:
        if len(pairs) <= largest:
            return pairs
        msg = f"{len(pairs)} ids are more than one request may ask for; give at most {largest}."
        raise Invalid.at("ids", "PAGE_SIZE", msg)

    bind = compilation.binder.bind
    named = bind(given.reader(lambda pairs: [e for e, _ in checked(pairs)]), kinds.TEXT, here.place, many=True)
    values = bind(given.reader(lambda pairs: [value for _, value in pairs]), kinds.ID, here.place, many=True)
    known = [_known(compilation, name).name for name in given.entities]
    alias = compilation.related.alias()
    return Records(
        named, values, alias, compilation.any_of(known, f"{alias}.entity", f"{alias}.id", nodes, here.each())
    )


def _known(compilation: Compilation, name: str) -> Entity:
    entity = compilation.request.entities.get(name)
    if entity is None:
        msg = f"There are no records called {name[:60]!r}; ids look like customer_01900000-0000-7000-8000-000000000000."
        raise Invalid.at("id", "UNKNOWN_ID_TYPE", msg)
    return entity


def _all(compilation: Compilation, backing: ListOf, nodes: list[FieldNode], here: Here) -> Rows:
    entity, alias = backing.entity, compilation.related.alias()
    deleted = compilation.arguments(nodes[0], here).get("deleted") if entity.soft_delete else None
    mode = deleted.constant.name if deleted else "EXCLUDE"
    conditions = list(
        compilation.related.live(entity, alias) if mode == "EXCLUDE" else compilation.rules.rows(entity, alias)
    )
    if mode == "ONLY":
        conditions.append(f"{alias}.deleted_at is not null")
    if backing.where is not None:
        conditions.append(
            f"({backing.where(alias, lambda read: compilation.binder.bind(lambda bound: read(bound.actor), None))})"
        )
    return Rows(entity.tablename, alias, tuple(conditions))
