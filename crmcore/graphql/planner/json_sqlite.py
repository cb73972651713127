"""Plans as SQLite expressions that give JSON text.

What was measured and decides the shape (SQLite 3.40): `json_object` is the fastest for plain members, but JSON loses its
subtype in a derived table, and parsing a page again at each level costs more than making it; so objects that hold
lists are joined of texts. The parser's stack holds 100 symbols, ten for a nested select: records linked to one are
therefore left joins beside the row, not selects within it, and a guard blanks their text where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    Rows,
)

__all__ = ["JsonText"]

#: json_object takes 127 arguments.
_MOST_MEMBERS = 63
#: So deep are linked records written as values within values, which is fastest; deeper ones as texts side by side.
_VALUE_DEPTH = 2


@dataclass(slots=True)
class _Scope:
    """The select that expressions stand in.

    Attributes:

        joins: left joins its from clause needs, by alias.
        cursor: SQL for the row's cursor.
        inner: of an aggregate over a page: the select of the page's rows.
        columns: of an aggregate over a page: that select's columns.
    """

    joins: dict[str, str] = field(default_factory=dict)
    cursor: str = ""
    inner: _Scope | None = None
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Piece:
    """SQL of a text, never null; empty where `guard` does not hold. A constant is the text itself."""

    sql: str
    guard: str | None = None
    constant: bool = False


class JsonText:
    """Makes the SQL of one statement's roots."""

    def root(self, node: Node) -> str:
        """Return an expression for a root: JSON text, or null."""
        if isinstance(node, OneOf):
            return f"({self._select(node)})"
        return _joined(self._pieces(node, _Scope(), None))

    def records(self, one: OneOf) -> str:
        """Return a statement that gives id and JSON text of each row."""
        return self._select(one, f"{one.rows.alias}.id, ")

    def _select(self, one: OneOf, before: str = "") -> str:
        scope = _Scope()
        text = _joined(self._pieces(one.value, scope, None))
        return f"select {before}{text} from {source(one.rows)}{_joins(scope)}{where(one.rows.where)}"

    # Values: expressions whose result json_object takes as a member.

    def _is_value(self, node: Node, depth: int = 0) -> bool:
        match node:
            case Obj(members):
                return len(members) <= _MOST_MEMBERS and all(self._is_value(m, depth) for _, m in members)
            case Maybe(value=value):
                return self._is_value(value, depth)
            case OneOf(value=value):
                return depth < _VALUE_DEPTH and self._is_value(value, depth + 1)
        return not isinstance(node, AnyOf | Items | Page | Records)

    def _value(self, node: Node, scope: _Scope) -> str:
        match node:
            case Obj(members):
                return f"json_object({', '.join(f'{quote(k)}, {self._value(m, scope)}' for k, m in members)})"
            case Maybe(condition, value):
                return f"case when {condition} then {self._value(value, scope)} end"
            case OneOf(rows, value):
                return f"case when {_join(rows, scope)} then {self._value(value, scope)} end"
            case Cursor():
                return scope.cursor
            case Edge(first):
                return _edge(scope, first=first)
        return leaf(node)

    # Texts: pieces that make JSON text when they are joined.

    def _pieces(self, node: Node, scope: _Scope, guard: str | None) -> Iterator[_Piece]:
        match node:
            case Obj(members):
                yield from self._object(members, scope, guard)
            case OneOf():
                yield from self._any((node,), scope, guard)
            case AnyOf(ways):
                yield from self._any(ways, scope, guard)
            case Items():
                yield from self._items(node, scope, guard)
            case Page():
                yield from self._page(node, scope, guard)
            case Records():
                yield _Piece(self._records(node), guard)
            case _:
                yield _Piece(f"json_quote({self._value(node, scope)})", guard)

    def _object(self, members: Sequence[tuple[str, Node]], scope: _Scope, guard: str | None) -> Iterator[_Piece]:
        runs = list(self._runs(members))
        if not runs:
            yield _Piece("{}", guard, constant=True)
        for position, run in enumerate(runs):
            first, last = position == 0, position == len(runs) - 1
            if isinstance(run, Obj):
                sql = self._value(run, scope)
                # A negative length takes what stands before the last character.
                sql = sql if first else f"substr({sql}, 2)"
                sql = sql if last else f"substr({sql}, -1, -1000000000)"
                if not first:
                    yield _Piece(",", guard, constant=True)
                yield _Piece(sql, guard)
            else:
                key, node = run
                yield _Piece(f'{"{" if first else ","}"{key}":', guard, constant=True)
                yield from self._pieces(node, scope, guard)
                if last:
                    yield _Piece("}", guard, constant=True)

    def _runs(self, members: Iterable[tuple[str, Node]]) -> Iterator[Obj | tuple[str, Node]]:
        run: list[tuple[str, Node]] = []
        for member in members:
            if self._is_value(member[1]) and len(run) < _MOST_MEMBERS:
                run.append(member)
                continue
            if run:
                yield Obj(tuple(run))
            run = [member] if self._is_value(member[1]) else []
            if not run:
                yield member
        if run:
            yield Obj(tuple(run))

    def _any(self, ways: Sequence[OneOf], scope: _Scope, guard: str | None) -> Iterator[_Piece]:
        tests = [_join(way.rows, scope) for way in ways]
        none = " and ".join(f"{way.rows.alias}.id is null" for way in ways) or "1 = 1"
        yield _Piece(f"case when {none} then 'null' else '' end", guard)
        for test, way in zip(tests, ways, strict=True):
            yield from self._pieces(way.value, scope, test)

    def _items(self, items: Items, scope: _Scope, guard: str | None) -> Iterator[_Piece]:
        assert scope.inner is not None
        text = _joined(self._pieces(items.value, scope.inner, None))
        name = f"n{len(scope.columns)}"
        scope.columns.append(f"{text} as {name}")
        yield _Piece("[", guard, constant=True)
        yield _Piece(f"coalesce(group_concat(r.{name}, ','), '')", guard)
        yield _Piece("]", guard, constant=True)

    def _page(self, page: Page, scope: _Scope, guard: str | None) -> Iterator[_Piece]:
        keys = ", ".join(leaf(Cell(key.sql, key.kind)) for key in page.order)
        rows = _Scope(cursor=f"hex(json_array({quote(page.fingerprint)}, {keys}))")
        whole = _Scope(inner=rows)
        pieces = [_Piece(p.sql, p.guard or guard, p.constant) for p in self._pieces(page.value, whole, None)]
        if not whole.columns:
            yield from pieces
            return
        order = [key.reversed for key in page.order] if page.backwards else page.order
        columns = whole.columns + ([f"{k.sql} as k{i}" for i, k in enumerate(page.order)] if page.backwards else [])
        inner = (
            f"select {', '.join(columns)} from {source(page.rows)}{_joins(rows)}"
            f"{where(page.rows.where)}{order_by(order)} limit {page.limit}"
        )
        if page.backwards:
            inner = f"select * from ({inner}){order_by(page.order, {i: f'k{i}' for i in range(len(page.order))})}"
        text = _joined([_Piece(p.sql, None, p.constant) for p in pieces])
        yield _Piece(f"(select {text} from ({inner}) r)", guard)

    def _records(self, records: Records) -> str:
        scope = _Scope()
        text = _joined(self._pieces(records.value, scope, None))
        pairs = (
            f"select a.key as i, a.value as entity, b.value as id "
            f"from json_each({records.entities}) a join json_each({records.ids}) b on b.key = a.key"
        )
        inner = f"select {text} as n from ({pairs}) {records.alias}{_joins(scope)} order by {records.alias}.i"
        return f"(select '[' || coalesce(group_concat(r.n, ','), '') || ']' from ({inner}) r)"


def leaf(node: Node) -> str:
    """Return the value of a node that has no parts, as json_object and json_array take it."""
    match node:
        case Literal(text):
            return "null" if text is None else quote(text)
        case Cell(sql, kind, masked):
            return _masked(sql) if masked else _cell(sql, kind)
        case RecordId(sql, entity):
            return f"{entity} || '_' || {sql}"
        case Minor(sql, currency):
            return by_digits(sql, currency, lambda x: f"cast({x} as text)", lambda x, width: f"printf('%0{width}d', {x})")
        case Member(sql, key):
            return f"json_extract({sql}, '$.{key}')"
    msg = f"{type(node).__name__} has parts."
    raise TypeError(msg)


def _cell(sql: str, kind: kinds.Kind) -> str:
    if kind is kinds.BOOL:
        return f"case {sql} when 1 then json('true') when 0 then json('false') end"
    if kind is kinds.BIGINT:
        return f"cast({sql} as text)"
    if kind is kinds.FLOAT:
        return f"json(crm_float({sql}))"
    if kind is kinds.JSON:
        return f"json({sql})"
    return sql


def _masked(sql: str) -> str:
    return f"case when length({sql}) > 3 then substr({sql}, 1, 1) || '•••' when {sql} is not null then '•••' end"


def _edge(scope: _Scope, *, first: bool) -> str:
    assert scope.inner is not None
    if (column := f"{scope.inner.cursor} as c") not in scope.columns:
        scope.columns.append(column)
    # Cursors are hexadecimal, so the list of them falls apart at its commas.
    every = "group_concat(r.c, ',')"
    if first:
        return f"substr({every}, 1, instr({every} || ',', ',') - 1)"
    return f"substr({every}, length(rtrim({every}, '0123456789ABCDEF')) + 1)"


def _join(rows: Rows, scope: _Scope) -> str:
    scope.joins.setdefault(rows.alias, f" left join {source(rows)} on {' and '.join(rows.where)}")
    return f"{rows.alias}.id is not null"


def _joins(scope: _Scope) -> str:
    return "".join(scope.joins.values())


def _joined(pieces: Iterable[_Piece]) -> str:
    groups: list[tuple[str | None, list[_Piece]]] = []
    for piece in pieces:
        if not groups or groups[-1][0] != piece.guard:
            groups.append((piece.guard, []))
        groups[-1][1].append(piece)
    return " || ".join(_guarded(guard, _concatenated(group)) for guard, group in groups)


def _guarded(guard: str | None, sql: str) -> str:
    return sql if guard is None else f"case when {guard} then {sql} else '' end"


def _concatenated(pieces: Iterable[_Piece]) -> str:
    parts: list[tuple[bool, str]] = []
    for piece in pieces:
        if piece.constant and parts and parts[-1][0]:
            parts[-1] = (True, parts[-1][1] + piece.sql)
        else:
            parts.append((piece.constant, piece.sql))
    return " || ".join(quote(text) if constant else text for constant, text in parts)
