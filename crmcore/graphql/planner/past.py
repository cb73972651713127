"""A record as it was at an instant: the row that the feed kept of it, in place of its table's."""

from __future__ import annotations

from graphql import FieldNode

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.events.rows import kept_rows, row_as_of
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import Node, OneOf, Rows

__all__ = ["past"]


def past(compilation: Compilation, entity: Entity, id: str, instant: Given, nodes: list[FieldNode], here: Here) -> Node:
    """Compile a record as it was; null if there was none, it was deleted then, or the feed does not reach back so far.

    Args:

        compilation: the statement.
        entity: whose record.
        id: placeholder of its id.
        instant: the argument that says when.
        nodes: fields whose selection sets are merged.
        here: where it stands.
    """
    alias, dialect = compilation.related.alias(), compilation.request.dialect.name
    at = compilation.binder.bind(instant.reader(), kinds.INSTANT, here.place)
    alive = (f"{alias}.deleted_at is null",) if entity.soft_delete else ()
    rows = Rows(row_as_of(dialect, entity, id, at), alias, (*alive, *_rules(compilation, entity, id)))
    return OneOf(rows, compilation.record(entity, alias, nodes, here.then()))


def _rules(compilation: Compilation, entity: Entity, id: str) -> tuple[str, ...]:
    """Return the condition that the actor may read the record as it is now, or as it last was if it is gone."""
    now, last = compilation.related.alias(), compilation.related.alias()
    rules = compilation.rules.rows(entity, now)
    if not rules:
        return ()
    table = f"{entity.tablename} {now} where {now}.id = {id}"
    kept = f"""
        ('[' || (
            select e.row from crm_event e where e.record_id = {id} and e.row is not null
            order by e.era desc, e.transaction_id desc, e.position desc limit 1
        ) || ']')
    """
    ended = kept_rows(compilation.request.dialect.name, entity, kept)
    gone = " and ".join(compilation.rules.rows(entity, last))
    return (
        f"(exists (select 1 from {table} and {' and '.join(rules)}) or not exists (select 1 from {table}) "
        f"and exists (select 1 from {ended} {last} where {gone}))",
    )
