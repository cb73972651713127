"""What groups are made by: fields of the records themselves and of records they are linked to, times by their grain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import ID, Kind
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import quote
from crmcore.graphql.planner.figures.grains import grained
from crmcore.graphql.planner.plan import Cell, Node, RecordId, Rows

__all__ = ["Key", "Keys"]

#: So many keys a client may give, and so many links one of them may follow.
_MOST_KEYS, _MOST_LINKS = 6, 3
#: Members of a key that do not say what to group by.
_ABOUT = ("grain", "timeZone")


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:

        name: `stage.name`.
        kind: of its value.
        columns: SQL of what is grouped by: the value, and the entity's name where that is part of an id.
        entity: SQL for the entity of an id if all ids name the same one, None for other values.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    entity: str | None = None

    def shown(self, columns: tuple[str, ...]) -> Node:
        """Return what shows its value; `columns` are what its own ones are called in a group."""
        if len(columns) > 1:
            return RecordId(*columns)
        return Cell(columns[0], self.kind) if self.entity is None else RecordId(columns[0], self.entity)


class Keys:
    """Makes the keys of one list of groups.

    Attributes:

        joins: the rows that links of keys lead to.
    """

    def __init__(self, compilation: Compilation) -> None:
        self._compilation, self._related = compilation, compilation.related
        self._linked: dict[tuple[str, str], Rows] = {}

    @property
    def joins(self) -> tuple[Rows, ...]:
        """The rows beside each record, in an order in which each depends on earlier ones only."""
        return tuple(self._linked.values())

    def of(self, entity: Entity, alias: str, given: Given) -> Iterator[Key]:
        """Yield the keys that the argument `groupBy` asks for.

        Raises:

            Forbidden: a key is masked or hidden for the actor.
            Invalid: a key names nothing or more than one thing, there are too many, or a time has no grain.
        """
        elements = list(given.elements())
        if not 0 < len(elements) <= _MOST_KEYS:
            msg = f"Groups are made by 1 to {_MOST_KEYS} keys, and here are {len(elements)}."
            raise Invalid.at(given.path, "GROUP_KEYS", msg)
        for element in elements:
            yield self._key(entity, alias, element, ())

    def _key(self, entity: Entity, alias: str, given: Given, links: tuple[str, ...]) -> Key:
        name, part = _only(given)
        field = self._related.entities.fields(entity.name)[part.constant.value if name == "field" else name]
        self._related.rules.require_open(entity, field, "group")
        if name == "field":
            assert isinstance(field, f.Scalar | f.Expression)
            return self._of_field(field, alias, given, ".".join((*links, field.name)))
        assert isinstance(field, f.One)
        if len(links) == _MOST_LINKS:
            msg = f"A key of groups follows at most {_MOST_LINKS} links; group by a record that is nearer."
            raise Invalid.at(given.path, "GROUP_DEPTH", msg)
        if (misplaced := next((given.get(about) for about in _ABOUT if given.get(about)), None)) is not None:
            msg = f"{misplaced.path} stands beside {name}, whose field it is about; put it inside."
            raise Invalid.at(misplaced.path, "GROUP_KEY", msg)
        rows = self._linked.get((alias, name))
        if rows is None:
            rows = self._linked[alias, name] = self._related.of(field, alias)
        return self._key(self._related.entities[field.target], rows.alias, part, (*links, name))

    def _of_field(self, field: f.Scalar | f.Expression, alias: str, given: Given, name: str) -> Key:
        request, binder = self._compilation.request, self._compilation.binder
        if isinstance(field, f.Expression):
            sql = f"({field.sql(alias, request.dialect.name)})"
        else:
            sql = f"{alias}.{field.column}"
            if field.type_column is not None:
                return Key(name, ID, (sql, f"{alias}.{field.type_column}"))
        made, kind = grained(binder, sql, field.kind, given, request.zone)
        target = field.target if isinstance(field, f.Scalar) else None
        return Key(name, kind, (made,), quote(target) if kind is ID and target else None)


def _only(given: Given) -> tuple[str, Given]:
    chosen = [(name, part) for name, part in given.items() if name not in _ABOUT and not part.null]
    if len(chosen) == 1:
        return chosen[0]
    names = " and ".join(name for name, _ in chosen) or "nothing"
    msg = f"A key of groups names one thing to go by, and this one names {names}; give each a key of its own."
    raise Invalid.at(given.path, "GROUP_KEY", msg)
