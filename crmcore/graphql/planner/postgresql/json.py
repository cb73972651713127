"""Plans as PostgreSQL expressions that give JSON text.

The text is put together from its pieces: `json_build_object` and `row_to_json` look up how each value is written for
every row, which took twice as long for a page, and their spaces are a tenth of an answer (docs/decisions/0016).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from crmcore.graphql.planner.dialect import quote, source, where
from crmcore.graphql.planner.figures.partials import grouped, partials
from crmcore.graphql.planner.lists.sources import paged
from crmcore.graphql.planner.plan import (
    AnyOf,
    Cell,
    Cursor,
    Each,
    Edge,
    Groups,
    Items,
    Literal,
    Maybe,
    Node,
    Obj,
    OneOf,
    Page,
    Records,
    Row,
    Some,
    Totals,
)
from crmcore.graphql.planner.postgresql.leaves import leaf

__all__ = ["Json"]

#: How many arguments a function takes.
_MOST_ARGUMENTS = 100


class _Text(str):
    """JSON text that is known beforehand; any other piece is SQL."""

    __slots__ = ()


@dataclass(slots=True)
class _Scope:
    """The select that expressions stand in.

    Attributes:

        cursor: SQL for the row's cursor.
        page: of an aggregate over a page: the page.
        inner: of an aggregate over a page: the select of the page's rows.
        columns: of an aggregate over a page: that select's columns.
    """

    cursor: str = ""
    page: Page | None = None
    inner: _Scope | None = None
    columns: list[str] = field(default_factory=list)

    def column(self, sql: str) -> str:
        """Return the name of a column of the page's rows."""
        for name, column in enumerate(self.columns):
            if column == f"{sql} as n{name}":
                return f"r.n{name}"
        self.columns.append(f"{sql} as n{len(self.columns)}")
        return f"r.n{len(self.columns) - 1}"


class Json:
    """Makes the SQL of one statement's roots; every value of it is a text that is never null, for null is `null`."""

    def root(self, node: Node) -> str:
        """Return an expression for a root: JSON text, or null."""
        return self._absent(node, _Scope()) or self._value(node, _Scope())

    def records(self, one: OneOf) -> str:
        """Return a statement that gives id and JSON text of each row."""
        text = self._value(one.value, _Scope())
        return f"select {one.rows.alias}.id, {text} from {source(one.rows)}{where(one.rows.where)}"

    def _value(self, node: Node, scope: _Scope) -> str:
        return _joined(self._pieces(node, scope))

    def _absent(self, node: Node, scope: _Scope) -> str | None:
        """Return an expression that is null, not `null`, where there is nothing; None if there always is something."""
        match node:
            case OneOf(rows, value):
                return f"(select {self._value(value, _Scope())} from {source(rows)}{where(rows.where)})"
            case AnyOf(()) | Literal(None):
                return "null::text"
            case AnyOf(ways):
                return f"coalesce({', '.join(self._absent(way, scope) or '' for way in ways)})"
            case Maybe(condition, value):
                return f"case when {condition} then {self._absent(value, scope) or self._value(value, scope)} end"
        return None

    def _pieces(self, node: Node, scope: _Scope) -> list[str]:
        match node:
            case Literal(text):
                return [_Text(json.dumps(text, ensure_ascii=False))]
            case Obj(members):
                return self._listed("{", (([_Text(f'"{key}":')], member) for key, member in members), scope, "}")
            case Row(values):
                return self._listed("[", (([], value) for value in values), scope, "]")
            case Maybe() | OneOf() | AnyOf():
                return [f"coalesce({self._absent(node, scope)}, 'null')"]
            case Cursor():
                return [_Text('"'), scope.cursor, _Text('"')]
            case Page() | Items() | Edge() | Some() | Records():
                return self._of_list(node, scope)
            case Totals() | Groups() | Each():
                return self._of_totals(node)
        return [leaf(node)]

    def _listed(
        self, opening: str, members: Iterable[tuple[Sequence[str], Node]], scope: _Scope, closing: str
    ) -> list[str]:
        pieces: list[str] = [_Text(opening)]
        for position, (name, member) in enumerate(members):
            pieces += [_Text(","), *name] if position else name
            pieces += self._pieces(member, scope)
        return [*pieces, _Text(closing)]

    def _of_list(self, node: Page | Items | Edge | Some | Records, scope: _Scope) -> list[str]:
        match node:
            case Page():
                return [self._page(node)]
            case Items(value):
                assert scope.inner is not None
                return _aggregated(scope.column(self._value(value, scope.inner)))
            case Edge(first):
                return [self._edge(scope, first=first)]
            case Some(condition):
                return [f"coalesce(bool_or({scope.column(condition)}), false)::text"]
            case Records():
                return [self._records(node)]

    def _of_totals(self, node: Totals | Groups | Each) -> list[str]:
        match node:
            case Totals(value=value, alias=alias):
                return [f"(select {self._value(value, _Scope())} from ({partials(node)}) {alias})"]
            case Groups(totals):
                groups = f"select {self._value(totals.value, _Scope())} as v from ({partials(totals)}) {totals.alias}{grouped(node)}"
                return [f"(select {_joined(_aggregated('r.v'))} from ({groups}) r)"]
            case Each(condition, unit, value):
                return _aggregated(self._value(value, _Scope()), f" order by {unit}", f" filter (where {condition})")

    def _page(self, page: Page) -> str:
        cursor = _cursor(page, [key.in_cursor.sql for key in page.order])
        whole = _Scope(page=page, inner=_Scope(cursor=cursor))
        value = self._value(page.value, whole)
        if not whole.columns:
            return value
        rows, clauses = paged(page)
        inner = f"select {', '.join(whole.columns)} from {rows}{clauses}"
        return f"(select {value} from ({inner}) r)"

    def _edge(self, scope: _Scope, *, first: bool) -> str:
        """Return the cursor of one row of the page, made once, of its keys."""
        assert scope.page is not None
        place = "1" if first else "count(*)"
        keys = [f"(array_agg({scope.column(key.in_cursor.sql)}))[{place}]" for key in scope.page.order]
        return f"""case when count(*) > 0 then '"' || {_cursor(scope.page, keys)} || '"' else 'null' end"""

    def _records(self, records: Records) -> str:
        pairs = f"unnest({records.entities}, {records.ids}) with ordinality as {records.alias}(entity, id, i)"
        every = _aggregated(self._value(records.value, _Scope()), f" order by {records.alias}.i")
        return f"(select {_joined(every)} from {pairs})"


def _aggregated(value: str, order: str = "", condition: str = "") -> list[str]:
    return [_Text("["), f"coalesce(string_agg({value}, ','{order}){condition}, '')", _Text("]")]


def _cursor(page: Page, keys: Sequence[str]) -> str:
    values = [leaf(Cell(sql, key.in_cursor.kind)) for sql, key in zip(keys, page.order, strict=True)]
    pieces = [_Text(f'["{page.fingerprint}"'), *(piece for v in values for piece in (_Text(","), v)), _Text("]")]
    return f"encode(convert_to({_joined(pieces)}, 'UTF8'), 'hex')"


def _joined(pieces: Sequence[str]) -> str:
    """Return SQL for the text of all pieces."""
    arguments: list[str] = []
    for known, some in groupby(pieces, lambda piece: isinstance(piece, _Text)):
        together = list(some)
        arguments += [quote("".join(together))] if known else together
    while len(arguments) > _MOST_ARGUMENTS:
        parts = [arguments[i : i + _MOST_ARGUMENTS] for i in range(0, len(arguments), _MOST_ARGUMENTS)]
        arguments = [f"concat({', '.join(part)})" for part in parts]
    if len(arguments) == 1:
        return arguments[0] if not isinstance(pieces[0], _Text) else f"{arguments[0]}::text"
    return f"concat({', '.join(arguments)})"
