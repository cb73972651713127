"""Plans as SQLite expressions that give JSON text.

What was measured and decides the shape (SQLite 3.40): `json_object` is the fastest for plain members, but JSON loses its
subtype in a derived table, and parsing a page again at each level costs more than making it; so objects that hold
lists are joined of texts. The parser's stack holds 100 symbols, so what encloses a nested list must leave few of them
open: linked records are left joins beside the row, not selects within it, with a guard that blanks their text where
there is none; lists are the first columns of the row's select, ten symbols each, and joined to the text outside of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crmcore.graphql.planner.dialect import quote, source, where
from crmcore.graphql.planner.figures.partials import grouped, partials
from crmcore.graphql.planner.lists.sources import paged
from crmcore.graphql.planner.plan import (
    AnyOf,
    Cursor,
    Each,
    Edge,
    Groups,
    Items,
    Maybe,
    Node,
    Obj,
    OneOf,
    Page,
    Records,
    Row,
    Rows,
    Some,
    Totals,
)
from crmcore.graphql.planner.sqlite.leaves import leaf
from crmcore.graphql.planner.sqlite.pieces import Piece, guarded, joined, runs

__all__ = ["JsonText"]

#: json_object takes 127 arguments.
_MOST_MEMBERS = 63
#: So deep are linked records written as values within values, which is fastest; deeper ones as texts side by side.
_VALUE_DEPTH = 2
#: In lists nested deeper than this, objects are texts too: they leave fewer symbols open.
_VALUE_LEVELS = 3


@dataclass(slots=True)
class _Scope:
    """The select that expressions stand in.

    Attributes:

        joins: left joins its from clause needs, by alias.
        cursor: SQL for the row's cursor.
        lists: where nested lists are columns of the select: their SQL.
        inner: of an aggregate over rows: the select of the rows.
        columns: of an aggregate over rows: that select's columns beside lists.
        level: how many lists it is nested in.
    """

    joins: dict[str, str] = field(default_factory=dict)
    cursor: str = ""
    lists: list[str] | None = None
    inner: _Scope | None = None
    columns: list[str] = field(default_factory=list)
    level: int = 0


class JsonText:
    """Makes the SQL of one root."""

    def root(self, node: Node) -> str:
        """Return an expression for a root: JSON text, or null."""
        if isinstance(node, OneOf):
            return f"({self.select(node)})"
        return joined(self._pieces(node, _Scope(), None))

    def select(self, one: OneOf, before: str = "") -> str:
        """Return a select that gives the JSON text of each row, after other columns."""
        scope = _Scope()
        text = joined(self._pieces(one.value, scope, None))
        return f"select {before}{text} from {source(one.rows)}{_joins(scope)}{where(one.rows.where)}"

    # Values: expressions whose result json_object takes as a member.

    def _is_value(self, node: Node, scope: _Scope, depth: int = 0) -> bool:
        if scope.level > _VALUE_LEVELS and isinstance(node, Obj | Maybe | OneOf):
            return False
        match node:
            case Obj(members):
                return len(members) <= _MOST_MEMBERS and all(self._is_value(m, scope, depth) for _, m in members)
            case Maybe(value=value):
                return self._is_value(value, scope, depth)
            case OneOf(value=value):
                return depth < _VALUE_DEPTH and self._is_value(value, scope, depth + 1)
        return not isinstance(node, AnyOf | Items | Page | Records | Totals | Groups | Each | Row)

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
            case Some(condition):
                return _some(scope, condition)
        return leaf(node)

    # Texts: pieces that make JSON text when they are joined.

    def _pieces(self, node: Node, scope: _Scope, guard: str | None) -> Iterator[Piece]:
        match node:
            case Obj(members):
                yield from self._object(members, scope, guard)
            case OneOf():
                yield from self._any((node,), scope, guard)
            case AnyOf(ways):
                yield from self._any(ways, scope, guard)
            case Items(value):
                yield Piece("[", guard, constant=True)
                yield Piece(self._items(value, scope), guard)
                yield Piece("]", guard, constant=True)
            case Page():
                yield from self._page(node, scope, guard)
            case Records():
                yield Piece(self._records(node), guard)
            case Totals() | Groups() | Each() | Row():
                yield from self._of_totals(node, guard)
            case Maybe(condition, value) if not self._is_value(node, scope):
                yield Piece(f"case when {condition} then '' else 'null' end", guard)
                yield from self._pieces(value, scope, condition if guard is None else f"{guard} and {condition}")
            case _:
                yield Piece(f"json_quote({self._value(node, scope)})", guard)

    def _object(self, members: Sequence[tuple[str, Node]], scope: _Scope, guard: str | None) -> Iterator[Piece]:
        parts = list(self._parts(members, scope))
        for position, part in enumerate(parts):
            first, last = position == 0, position == len(parts) - 1
            if isinstance(part, Obj):
                sql = self._value(part, scope)
                sql = sql if first else f"substr({sql}, 2)"
                # A negative length takes what stands before the last character.
                sql = sql if last else f"substr({sql}, -1, -1000000000)"
                if not first:
                    yield Piece(",", guard, constant=True)
                yield Piece(sql, guard)
            else:
                key, node = part
                yield Piece(f'{"{" if first else ","}"{key}":', guard, constant=True)
                yield from self._pieces(node, scope, guard)
                if last:
                    yield Piece("}", guard, constant=True)
        if not parts:
            yield Piece("{}", guard, constant=True)

    def _parts(self, members: Iterable[tuple[str, Node]], scope: _Scope) -> Iterator[Obj | tuple[str, Node]]:
        """Yield members that are texts, and runs of those that are values as one object."""
        run: list[tuple[str, Node]] = []
        for key, node in members:
            value = self._is_value(node, scope)
            if run and not (value and len(run) < _MOST_MEMBERS):
                yield Obj(tuple(run))
                run = []
            if value:
                run.append((key, node))
            else:
                yield key, node
        if run:
            yield Obj(tuple(run))

    def _any(self, ways: Sequence[OneOf], scope: _Scope, guard: str | None) -> Iterator[Piece]:
        tests = [_join(way.rows, scope) for way in ways]
        none = " and ".join(f"{way.rows.alias}.id is null" for way in ways) or "1 = 1"
        yield Piece(f"case when {none} then 'null' else '' end", guard)
        for test, way in zip(tests, ways, strict=True):
            yield from self._pieces(way.value, scope, test)

    def _items(self, value: Node, scope: _Scope) -> str:
        """Return the list's text without brackets, over the rows of the inner select."""
        assert scope.inner is not None
        names = []
        for column, group in runs(self._pieces(value, scope.inner, None)):
            if column:
                names += [f"r.{piece.sql}" for piece in group]
            else:
                names.append(f"r.y{len(scope.columns)}")
                scope.columns.append(f"{joined(group)} as y{len(scope.columns)}")
        return f"coalesce(group_concat({' || '.join(names)}, ','), '')"

    def _page(self, page: Page, scope: _Scope, guard: str | None) -> Iterator[Piece]:
        keys = ", ".join(leaf(key.in_cursor) for key in page.order)
        level = scope.level + 1
        rows = _Scope(cursor=f"hex(json_array({quote(page.fingerprint)}, {keys}))", lists=[], level=level)
        whole = _Scope(inner=rows, level=level)
        pieces = list(self._pieces(page.value, whole, None))
        if not whole.columns:
            yield from (Piece(p.sql, guard, p.constant) for p in pieces)
            return
        rows_source, clauses = paged(page)
        inner = f"{_columns(rows, whole)} from {rows_source}{_joins(rows)}{clauses}"
        sql = f"(select {guarded(guard, joined(pieces))} from (select {inner}) r)"
        if scope.lists is None:
            yield Piece(sql)
        else:
            yield Piece(f"x{len(scope.lists)}", column=True)
            scope.lists.append(sql)

    def _records(self, records: Records) -> str:
        rows = _Scope(lists=[])
        whole = _Scope(inner=rows)
        text = self._items(records.value, whole)
        alias = records.alias
        pairs = (
            f"select a.key as i, a.value as entity, b.value as id "
            f"from json_each({records.entities}) a join json_each({records.ids}) b on b.key = a.key"
        )
        inner = f"{_columns(rows, whole)} from ({pairs}) {alias}{_joins(rows)} order by {alias}.i"
        return f"(select '[' || {text} || ']' from (select {inner}) r)"

    def _of_totals(self, node: Totals | Groups | Each | Row, guard: str | None) -> Iterator[Piece]:
        match node:
            case Totals(value=value, alias=alias):
                yield Piece(f"(select {self._alone(value)} from ({partials(node)}{_by_unit(node)}) {alias})", guard)
            case Groups(totals):
                parts = f"({partials(totals)}{_by_unit(totals)}) {totals.alias}"
                groups = f"select {self._alone(totals.value)} as v from {parts}{grouped(node)}"
                yield Piece(f"(select '[' || coalesce(group_concat(r.v, ','), '') || ']' from ({groups}) r)", guard)
            case Each(condition, _, value):
                # The parts stand in order already.
                every = f"group_concat({self._alone(value)}, ',') filter (where {condition})"
                yield Piece(f"'[' || coalesce({every}, '') || ']'", guard)
            case Row(values):
                for position, value in enumerate(values):
                    yield Piece("," if position else "[", guard, constant=True)
                    yield Piece(self._alone(value), guard)
                yield Piece("]", guard, constant=True)

    def _alone(self, value: Obj) -> str:
        return joined(self._pieces(value, _Scope(), None))


def _by_unit(totals: Totals) -> str:
    keys = [f"k{position}" for position in range(len(totals.keys))]
    return f" order by {', '.join([*keys, 'u'])}" if any(scan.unit for scan in totals.scans) else ""


def _columns(rows: _Scope, whole: _Scope) -> str:
    lists = [f"{sql} as x{position}" for position, sql in enumerate(rows.lists or ())]
    return ", ".join([*lists, *whole.columns])


def _edge(scope: _Scope, *, first: bool) -> str:
    assert scope.inner is not None
    if (column := f"{scope.inner.cursor} as c") not in scope.columns:
        scope.columns.append(column)
    # Cursors are hexadecimal, so the list of them falls apart at its commas.
    every = "group_concat(r.c, ',')"
    if first:
        return f"substr({every}, 1, instr({every} || ',', ',') - 1)"
    return f"substr({every}, length(rtrim({every}, '0123456789ABCDEF')) + 1)"


def _some(scope: _Scope, condition: str) -> str:
    assert scope.inner is not None
    name = f"s{len(scope.columns)}"
    scope.columns.append(f"{condition} as {name}")
    return f"json(case max(r.{name}) when 1 then 'true' else 'false' end)"


def _join(rows: Rows, scope: _Scope) -> str:
    scope.joins.setdefault(rows.alias, f" left join {source(rows)} on {' and '.join(rows.where)}")
    return f"{rows.alias}.id is not null"


def _joins(scope: _Scope) -> str:
    return "".join(scope.joins.values())
