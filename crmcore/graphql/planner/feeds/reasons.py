"""Why records were found: the texts that were looked into, from which Python takes field and snippet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crmcore.access.actor import Effect
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.fields import Computed, Scalar
from crmcore.entities.searched import Part
from crmcore.graphql.planner.answers.fill import Fill
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import quote
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import AnyOf, Cell, Node, Obj, OneOf, Rows
from crmcore.search.snippet import found_in, snippet

__all__ = ["Reasons", "open_parts"]

#: Key of the query beside the texts of a record; no field is called so.
_QUERY = "?"
#: Characters of a text that are looked through, as many as the index has.
_READ = 20_000


def open_parts(compilation: Compilation, entity: Entity) -> Iterator[tuple[Part, tuple[str, ...]]]:
    """Yield what an entity's records are found under, with the columns that the actor may see."""
    for part in compilation.request.entities.searched[entity.name]:
        if columns := tuple(column for column in part.columns if _is_open(compilation, part.entity, column)):
            yield part, columns


def _is_open(compilation: Compilation, entity: Entity, column: str) -> bool:
    for field in compilation.request.entities.fields(entity.name).values():
        if isinstance(field, Scalar) and field.column == column:
            return (compilation.rules.effect(entity, field) or Effect.READ_ONLY) < Effect.MASKED
    return False


class Reasons:
    """Makes the fields `field` and `snippet` of what is found.

    Args:

        compilation: the statement.
        entities: whose records are found.
        alias: what is found, with `entity` and `id`.
        query: placeholder of what was looked for.
    """

    def __init__(self, compilation: Compilation, entities: Sequence[Entity], alias: str, query: str) -> None:
        self._compilation, self._entities, self._alias, self._query = compilation, entities, alias, query

    def node(self, name: str, here: Here) -> Node:
        """Return the texts that Python will replace by the field called `name`."""
        computed = Computed(name, "", kinds.TEXT, (), _FIELDS[name])
        self._compilation.fills.append(Fill(computed, self._entities[0], here.place))
        return AnyOf(tuple(map(self._texts, self._entities)))

    def _texts(self, entity: Entity) -> OneOf:
        alias = self._compilation.related.alias()
        members: list[tuple[str, Node]] = [(_QUERY, Cell(self._query, kinds.TEXT))]
        for part, columns in open_parts(self._compilation, entity):
            members += [(part.shown(column), Cell(self._text(part, column, alias), kinds.TEXT)) for column in columns]
        conditions = (f"{alias}.id = {self._alias}.id", f"{self._alias}.entity = {quote(entity.name)}")
        return OneOf(Rows(entity.tablename, alias, conditions), Obj(tuple(members)))

    def _text(self, part: Part, column: str, alias: str) -> str:
        if part.link is None:
            return f"substr({alias}.{column}, 1, {_READ})"
        other = self._compilation.related.alias()
        live = " and ".join([f"{other}.{part.link} = {alias}.id", *self._compilation.related.live(part.entity, other)])
        lines = self._compilation.request.dialect.lines(f"{other}.{column}")
        return f"(select {lines} from {part.entity.tablename} {other} where {live})"


def _each(say: Callable[[str, str, str], str]) -> Callable[[Sequence[dict[str, Any]]], Any]:
    async def values(rows: Sequence[dict[str, Any]]) -> list[str | None]:
        said = []
        for row in rows:
            query = row.pop(_QUERY)
            found = found_in(query, row)
            said.append(say(query, *found) if found else None)
        return said

    return values


_FIELDS = {
    "field": _each(lambda _query, field, _text: field),
    "snippet": _each(lambda query, _field, text: snippet(query, text)),
}
