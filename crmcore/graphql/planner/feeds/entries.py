"""One source of a timeline as SQL: which rows of an entity are entries of a record's feed, and the newest of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crmcore.access.actor import Effect
from crmcore.access.rules import NO_ROW
from crmcore.entities.entity import Entity, camel
from crmcore.entities.timeline import Timeline
from crmcore.graphql.planner.dialect import Dialect, quote, where
from crmcore.graphql.planner.plan import Rows
from crmcore.graphql.planner.related import Related

__all__ = ["Bounds", "Entries", "entries"]

#: Conditions on an entry, in which `{at}`, `{id}` and `{kind}` stand for its columns.
Bounds = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries that one entity gives one record's timeline.

    Attributes:

        entity: its name.
        kind: of the entries.
        at: column that says when they happened.
        way: tables between the record and the rows, as a from clause; empty where the rows link to it themselves.
        conditions: on those tables.
        rows: the rows, tied to the record or to those tables.
    """

    entity: str
    kind: str
    at: str
    way: str
    conditions: tuple[str, ...]
    rows: Rows

    def first(self, dialect: Dialect, inner: str, bounds: Bounds, limit: str, *, oldest: bool) -> str:
        """Return a select of the newest or the oldest of them: `kind`, `entity`, `id` and `at`.

        Args:

            dialect: the database's.
            inner: an alias for them that no other table has.
            bounds: which of them.
            limit: SQL for how many; of each record on the way, if there are any.
            oldest: whether to begin at the other end.
        """
        alias, way = self.rows.alias, " desc" if not oldest else ""
        within = where([*self.rows.where, *self._bound(alias, bounds)])
        tail = f" from {self.rows.table} {alias}{within} order by {alias}.{self.at}{way}, {alias}.id{way} limit {limit}"
        if not self.way:
            return f"select * from (select {self._columns(alias)}{tail}) {inner}"
        each = dialect.beside(self.way, self.rows, ("id", self.at), tail, inner)
        return f"select {self._columns(inner)} from {each}{where(self.conditions)}"

    def every(self, bounds: Bounds) -> str:
        """Return the from clause, with conditions, of all of them."""
        tables = ", ".join(filter(None, (self.way, f"{self.rows.table} {self.rows.alias}")))
        return f"{tables}{where([*self.conditions, *self.rows.where, *self._bound(self.rows.alias, bounds)])}"

    def _columns(self, alias: str) -> str:
        return f"{quote(self.kind)} as kind, {quote(self.entity)} as entity, {alias}.id as id, {alias}.{self.at} as at"

    def _bound(self, alias: str, bounds: Bounds) -> Iterable[str]:
        return (b.format(at=f"{alias}.{self.at}", id=f"{alias}.id", kind=quote(self.kind)) for b in bounds)


def entries(related: Related, entity: Entity, said: Timeline, parent: str) -> Entries | None:
    """Return the entries that `entity` gives the record aliased `parent`; None if the actor may see none of them.

    What a rule keeps back must not be told by where an entry stands: without the instant or a link on the way, none.
    """
    if _kept_back(related, entity, said):
        return None
    alias = child = related.alias()
    tables: list[str] = []
    conditions: list[str] = []
    own = list(related.live(entity, alias))
    if entity.facts[said.at].null:
        own.append(f"{alias}.{said.at} is not null")
    here = entity
    for position, (column, name) in enumerate(said.path):
        last = position == len(said.path) - 1
        up = parent if last else related.alias()
        tie = own if child == alias else conditions
        tie.append(f"{child}.{column} = {up}.id")
        if here.facts[column].target == "*":
            tie.append(f"{child}.{column.removesuffix('_id')}_type = {quote(name)}")
        here, child = related.entities[name], up
        if not last:
            tables.append(f"{here.tablename} {up}")
            conditions += related.live(here, up)
    if NO_ROW in (*own, *conditions):
        return None
    return Entries(
        entity.name, said.kind, said.at, ", ".join(tables), tuple(conditions), Rows(entity.tablename, alias, tuple(own))
    )


def _kept_back(related: Related, entity: Entity, said: Timeline) -> bool:
    used = [(entity, said.at)]
    for column, name in said.path:
        used.append((entity, column))
        entity = related.entities[name]
    return any(
        (related.rules.effect(holder, related.entities.fields(holder.name)[camel(column)]) or 0) >= Effect.MASKED
        for holder, column in used
    )
