"""Plans as PostgreSQL expressions of type json.

Objects of rows are made by `row_to_json` over a sub-select: compact, quick, and in the order of the select list. Names
longer than an identifier may be (63 bytes) and objects with more members than a select may have columns take
`json_build_object`, in parts, since it takes 100 arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crmcore.entities import kinds
from crmcore.graphql.planner.dialect import by_digits, order_by, quote, source, where
from crmcore.graphql.planner.plan import (
    AnyOf,
    Cell,
    Cursor,
    Edge,
    Items,
    Literal,
    Maybe,
    Member,
    Minor,
    Node,
    Obj,
    OneOf,
    Page,
    RecordId,
    Records,
)

__all__ = ["Json"]

_LONGEST_NAME = 63
_MOST_COLUMNS = 1000
_MOST_MEMBERS = 50
_INSTANT = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''

Members = Sequence[tuple[str, Node]]


@dataclass(slots=True)
class _Scope:
    """The select that expressions stand in.

    Attributes:

        cursor: SQL for the row's cursor.
        inner: of an aggregate over a page: the select of the page's rows.
        columns: of an aggregate over a page: that select's columns.
    """

    cursor: str = ""
    inner: _Scope | None = None
    columns: list[str] = field(default_factory=list)


class Json:
    """Makes the SQL of one statement's roots."""

    def root(self, node: Node) -> str:
        """Return an expression for a root: JSON text, or null."""
        return f"{self._value(node, _Scope())}::text"

    def records(self, one: OneOf) -> str:
        """Return a statement that gives id and JSON text of each row."""
        text = f"{self._value(one.value, _Scope())}::text"
        return f"select {one.rows.alias}.id, {text} from {source(one.rows)}{where(one.rows.where)}"

    def _value(self, node: Node, scope: _Scope) -> str:
        match node:
            case Obj(members):
                return self._built(members, scope)
            case Maybe(condition, value):
                return f"case when {condition} then {self._value(value, scope)} end"
            case OneOf(rows, value):
                return f"({self._selected(value.members, f'{source(rows)}{where(rows.where)}')})"
            case AnyOf(ways):
                return f"coalesce({', '.join(self._value(way, scope) for way in ways)})" if ways else "null::json"
            case Cursor():
                return scope.cursor
            case Items(value):
                return self._items(value, scope)
            case Edge(first):
                return f"(array_agg(r.{_cursor(scope)}))[{'1' if first else 'count(*)'}]"
            case Page():
                return self._page(node)
            case Records():
                return self._records(node)
        return leaf(node)

    def _selected(self, members: Members, rows: str) -> str:
        """Return a select that gives each of the rows as an object."""
        scope = _Scope()
        if members and len(members) <= _MOST_COLUMNS and all(len(k) <= _LONGEST_NAME for k, _ in members):
            columns = ", ".join(f'{self._value(m, scope)} as "{k}"' for k, m in members)
            return f"select row_to_json(r) from (select {columns} from {rows}) r"
        return f"select {self._built(members, scope)} from {rows}"

    def _built(self, members: Members, scope: _Scope) -> str:
        parts = [
            f"json_build_object({', '.join(f'{quote(k)}, {self._value(m, scope)}' for k, m in part)})"
            for part in _parts(members)
        ]
        if len(parts) == 1:
            return parts[0]
        inside = " || ', ' || ".join(f"substr({p}::text, 2, length({p}::text) - 2)" for p in parts)
        return f"('{{' || {inside} || '}}')::json"

    def _items(self, value: Obj, scope: _Scope) -> str:
        assert scope.inner is not None
        name = f"n{len(scope.columns)}"
        scope.columns.append(f"{self._value(value, scope.inner)} as {name}")
        return f"coalesce(json_agg(r.{name}), '[]'::json)"

    def _page(self, page: Page) -> str:
        keys = ", ".join(leaf(Cell(key.sql, key.kind)) for key in page.order)
        cursor = f"encode(convert_to(json_build_array({quote(page.fingerprint)}, {keys})::text, 'UTF8'), 'hex')"
        whole = _Scope(inner=_Scope(cursor=cursor))
        value = self._value(page.value, whole)
        if not whole.columns:
            return value
        order = [key.reversed for key in page.order] if page.backwards else page.order
        columns = whole.columns + ([f"{k.sql} as k{i}" for i, k in enumerate(page.order)] if page.backwards else [])
        inner = f"select {', '.join(columns)} from {source(page.rows)}{where(page.rows.where)}{order_by(order)} limit {page.limit}"
        if page.backwards:
            inner = f"select * from ({inner}) b{order_by(page.order, {i: f'k{i}' for i in range(len(page.order))})}"
        return f"(select {value} from ({inner}) r)"

    def _records(self, records: Records) -> str:
        pairs = f"unnest({records.entities}, {records.ids}) with ordinality as {records.alias}(entity, id, i)"
        value = self._value(records.value, _Scope())
        return f"(select coalesce(json_agg({value} order by {records.alias}.i), '[]'::json) from {pairs})"


def _parts(members: Members) -> list[Members]:
    return [members[i : i + _MOST_MEMBERS] for i in range(0, len(members), _MOST_MEMBERS)] or [()]


def leaf(node: Node) -> str:
    """Return the value of a node that has no parts."""
    match node:
        case Literal(text):
            return "null::text" if text is None else f"{quote(text)}::text"
        case Cell(sql, kind, masked):
            return _masked(sql) if masked else _cell(sql, kind)
        case RecordId(sql, entity):
            return f"{entity[:-1]}_' || {sql}" if entity.endswith("'") else f"{entity} || '_' || {sql}"
        case Minor(sql, currency):
            return by_digits(sql, currency, lambda x: f"{x}::text", lambda x, width: f"lpad({x}::text, {width}, '0')")
        case Member(sql, key):
            return f"{sql} ->> {quote(key)}"
    msg = f"{type(node).__name__} has parts."
    raise TypeError(msg)


def _cell(sql: str, kind: kinds.Kind) -> str:
    if kind is kinds.INSTANT:
        return f"to_char({sql} at time zone 'UTC', {_INSTANT})"
    if kind is kinds.BIGINT:
        return f"({sql})::text"
    return sql


def _masked(sql: str) -> str:
    return f"case when length({sql}) > 3 then left({sql}, 1) || '•••' when {sql} is not null then '•••' end"


def _cursor(scope: _Scope) -> str:
    assert scope.inner is not None
    if (column := f"{scope.inner.cursor} as c") not in scope.columns:
        scope.columns.append(column)
    return "c"
