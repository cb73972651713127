"""Orders by sealed fields: the values of a list's records are opened and sorted beforehand, and the statement is told the places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.entities.entity import Entity
from crmcore.entities.kinds import ID, INT, TEXT
from crmcore.entities.sealing import ERASED, Cell
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Look
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import where
from crmcore.graphql.planner.lists.sources import joined_source
from crmcore.graphql.planner.numbering import renumbered
from crmcore.graphql.planner.plan import Cell as Shown
from crmcore.graphql.planner.plan import Rows, SealedKey, Sorting
from crmcore.graphql.planner.sealed.batch import python_value

if TYPE_CHECKING:
    from crmcore.graphql.planner.sealed.looking import Asking

__all__ = ["placed"]

#: Places of records in an order; those of equal values are the same.
Places = Mapping[UUID, int]


def placed(compilation: Compilation, rows: Rows, order: tuple[Sorting, ...], given: Given) -> tuple[Sorting, ...]:
    """Return an order in which keys of sealed values are replaced by places that are found before the statement runs.

    Args:

        compilation: the statement.
        rows: all rows of the list.
        order: its keys.
        given: the list's arguments.
    """
    if not any(key.sealed for key in order):
        return order
    return tuple(key if key.sealed is None else _placed(compilation, rows, key, key.sealed, given) for key in order)


def _placed(compilation: Compilation, rows: Rows, key: Sorting, sealed: SealedKey, given: Given) -> Sorting:
    binder, alias = compilation.binder, compilation.related.alias()
    question = _Sorting(sealed, _statement(compilation, rows, key, sealed), binder.dialect.name)

    def bind(value: Any, kind: Any, many: bool) -> str:
        look = Look(question, lambda places, _given: value(places))
        return binder.look_up(look, lambda _: None, kind, given.place, many=many)

    def place_of(read: Any) -> str:
        """Return the placeholder of the place of a record that a cursor names."""
        return binder.look_up(Look(question, _place), read, INT, given.place)

    table = Rows(f"({binder.dialect.places(bind)})", alias, (f"{alias}.id = {sealed.alias}.id",))
    return replace(
        key,
        sql=f"{alias}.place",
        kind=INT,
        joins=(*key.joins, table),
        held=Shown(f"{alias}.id", ID),
        place_of=place_of,
        sealed=None,
    )


def _statement(compilation: Compilation, rows: Rows, key: Sorting, sealed: SealedKey) -> str:
    """Return a select of the records that have a value: id, whose it is, value; one more than can be sorted."""
    seal, alias = sealed.entity.seal, sealed.alias
    assert seal is not None
    dialect = compilation.request.dialect
    value = f"{alias}.{sealed.column}"
    columns = f"{alias}.id, {seal.subject_sql(alias, dialect.name)} as whose, cast({value} as text) as value"
    having = where((*rows.where, f"{value} is not null"))
    each = "distinct " if key.joins else ""
    limit = seal.columns[sealed.column].sortable + 1
    return f"select {each}{columns} from {joined_source(rows, (key,))}{having} limit {limit}"


@dataclass(frozen=True, eq=False)
class _Sorting:
    """Asks for the places of records in the order of a sealed value."""

    key: SealedKey
    sql: str
    dialect: str

    async def answer(self, asking: Asking, _given: Any) -> Places:
        entity, column = self.key.entity, self.key.column
        seal = entity.seal
        assert seal is not None
        sql, used = renumbered(self.sql)
        rows = await asking.fetch(sql, [await asking.value(position) for position in used])
        most = seal.columns[column].sortable
        if len(rows) > most:
            msg = f"More than {most} {entity.plural} would have to be opened to sort them by {column}, which is stored sealed; filter for fewer, or order by another field."
            raise Invalid.at("orderBy", "TOO_MANY_TO_SORT", msg)
        kind = entity.facts[column].kind
        cells = [Cell(column, _uuid(id), _uuid(whose), python_value(kind, value)) for id, whose, value in rows]
        values = await seal.open(asking.database, cells) if cells else []
        return _places(entity, column, [(c.id, value) for c, value in zip(cells, values, strict=True)])


def _places(entity: Entity, column: str, values: Sequence[tuple[UUID, Any]]) -> Places:
    text = entity.facts[column].kind is TEXT
    known = [(id, (value.casefold(), value) if text else value) for id, value in values if value is not ERASED]
    places: dict[UUID, int] = {}
    last: Any = None
    for id, value in sorted(known, key=lambda pair: pair[1]):
        if not places or value != last:
            place, last = len(places), value
        places[id] = place
    return places


def _place(places: Places, id: UUID) -> int:
    if (place := places.get(id)) is None:
        msg = "The record that this cursor names is not in this list any more; start again without the cursor, or with an earlier one."
        raise Invalid.at("", "CURSOR_RECORD_GONE", msg)
    return place


def _uuid(value: Any) -> Any:
    return UUID(value) if isinstance(value, str) else value
