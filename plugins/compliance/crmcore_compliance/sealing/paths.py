"""Whose data a row is: the way from an entity to the customer it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from crmcore import Database, Entity, Row
from crmcore.database.arrays import members

__all__ = ["PERSON", "Path", "path_of"]

#: The entity whose records are the subjects.
PERSON: Final = "customer"

_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Path:
    """The way from a row to whom it is about.

    Attributes:

        kind: `self` (a row of the person's own), `link` (a column has the person's id), `any` (a column that may hold the id
            of anything), `through` (the record in a column knows), `nobody`.
        columns: of the entity, that decide it.
        null: whether the link can be emptied by the database itself, when its target goes.
        then: the entity's table and the path on from there, for `through`.
    """

    kind: Literal["self", "link", "any", "through", "nobody"]
    columns: tuple[str, ...] = ()
    null: bool = False
    then: tuple[Entity, Path] | None = None

    def sql(self, alias: str) -> str:
        """Return SQL for the subject's id of the row `alias`, `null` for nobody."""
        if self.kind == "self":
            return f"{alias}.id"
        if self.kind == "link":
            return f"{alias}.{self.columns[0]}"
        if self.kind == "any":
            return f"case when {alias}.{self.columns[1]} = '{PERSON}' then {alias}.{self.columns[0]} end"
        if self.then is None:
            return "null"
        entity, path = self.then
        inner = f"{alias}_s"
        return (
            f"(select {path.sql(inner)} from {entity.tablename} {inner} where {inner}.id = {alias}.{self.columns[0]})"
        )

    async def subjects(self, database: Database, rows: Sequence[Row]) -> list[UUID | None]:
        """Return whom rows are about; the rows have `id` and `columns`."""
        if self.kind == "self":
            return [row["id"] for row in rows]
        if self.kind == "link":
            return [row[self.columns[0]] for row in rows]
        if self.kind == "any":
            id, type = self.columns
            return [row[id] if row[type] == PERSON else None for row in rows]
        links = {row[self.columns[0]] for row in rows} - {None} if self.then is not None else ()
        if self.then is None or not links:
            return [None] * len(rows)
        entity, path = self.then
        among = members(database.dialect, "$1", "uuid")
        sql = f"select t.id, {path.sql('t')} from {entity.tablename} t where t.id in ({among})"
        found = dict(await database.fetch(sql, list(links)))
        whose = (found.get(row[self.columns[0]]) for row in rows)
        # SQLite knows the type of a column, not of what is computed.
        return [UUID(one) if isinstance(one, str) else one for one in whose]

    def passes(self) -> Iterator[tuple[str, str]]:
        """Give the entities on the way, each with the column that leads to it from the one before."""
        at: Path | None = self
        while at is not None and at.then is not None:
            yield at.then[0].name, at.columns[0]
            at = at.then[1]


_NOBODY: Final = Path("nobody")


def path_of(entities: Mapping[str, Entity], name: str, deep: int = 0) -> Path:
    """Return the way from an entity to the customer.

    The record that guards it comes first if it is a customer, then a link to a customer if there is just one, then a link
    to anything, then the way from the record that guards it.
    """
    entity = entities[name]
    if name == PERSON:
        return Path("self")
    guard = entity.guarded_by
    links = [column for column, said in entity.facts.items() if said.target == PERSON]
    if guard in links or len(links) == 1:
        column = guard if guard in links else links[0]
        assert column is not None
        return Path("link", (column,), null=entity.facts[column].on_delete == "SET NULL")
    anything = [column for column, said in entity.facts.items() if said.target == "*"]
    if guard in anything or len(anything) == 1:
        column = guard if guard in anything else anything[0]
        assert column is not None
        return Path("any", (column, f"{column.removesuffix('_id')}_type"))
    target = entity.facts[guard].target if guard is not None else None
    if guard is None or target is None or target not in entities or deep >= _DEEPEST:
        return _NOBODY
    onward = path_of(entities, target, deep + 1)
    return _NOBODY if onward.kind == "nobody" else Path("through", (guard,), then=(entities[target], onward))
