"""Values that have no parts as PostgreSQL expressions that give JSON text, `null` where there is none."""

from __future__ import annotations

from decimal import Decimal

from crmcore.entities import kinds
from crmcore.graphql.planner.dialect import by_currency, by_digits, quote
from crmcore.graphql.planner.plan import Amount, Cell, Member, Minor, Node, RecordId, Stored, Whose

__all__ = ["leaf"]

_INSTANT = """'\\"YYYY-MM-DD"T"HH24:MI:SS.US"Z"\\"'"""
#: Kinds that are written as PostgreSQL writes them.
_BARE = (kinds.INT, kinds.FLOAT, kinds.BOOL, kinds.JSON)
#: Kinds that are written in quotes and have nothing in them that JSON escapes.
_PLAIN = (kinds.BIGINT, kinds.ID, kinds.ENUM)


def leaf(node: Node) -> str:
    """Return the value of a node that has no parts."""
    match node:
        case Cell(sql, kind, masked):
            return _or_null(_escaped(_masked(sql)) if masked else _cell(sql, kind))
        case Stored(sql, kind, sealed=sealed):
            # A sealed value is a text whatever the column's type; a JSON column has it as a JSON text.
            return _or_null(_escaped(sql) if sealed and kind is not kinds.JSON else _cell(sql, kind))
        case Whose(id, subject):
            return f"""'"' || {id} || ' ' || coalesce(({subject})::text, '') || '"'"""
        case RecordId(sql, entity) if entity.startswith("'"):
            return _or_null(f"""{quote(f'"{entity[1:-1]}_')} || {sql} || '"'""")
        case RecordId(sql, entity):
            return _or_null(_quoted(f"{entity} || '_' || {sql}"))
        case Minor(sql, currency):
            shown = by_digits(sql, currency, lambda x: f"{x}::text", lambda x, width: f"lpad({x}::text, {width}, '0')")
            return _or_null(_quoted(f"({shown})"))
        case Amount(sql, currency):
            # A product has as many digits after the point as its factors together.
            shown = by_currency(currency, lambda places: f"({sql} * {Decimal(1).scaleb(-places)})::text")
            return _or_null(_quoted(f"({shown})"))
        case Member(sql, key):
            return _or_null(_escaped(f"{sql} ->> {quote(key)}"))
    msg = f"{type(node).__name__} has parts."
    raise TypeError(msg)


def _cell(sql: str, kind: kinds.Kind) -> str:
    if kind is kinds.INSTANT:
        # An interval, not 'UTC': a time zone's name would be looked up for every value.
        return f"to_char({sql} at time zone interval '0', {_INSTANT})"
    if kind in _BARE:
        return f"({sql})::text"
    if kind in _PLAIN:
        return _quoted(f"({sql})::text")
    # Dates too: their own text depends on the session.
    return f"to_json({sql})::text" if kind is kinds.DATE else _escaped(sql)


def _or_null(sql: str) -> str:
    return f"coalesce({sql}, 'null')"


def _quoted(sql: str) -> str:
    return f"""'"' || {sql} || '"'"""


def _escaped(sql: str) -> str:
    return f"to_json(({sql})::text)::text"


def _masked(sql: str) -> str:
    return f"case when length({sql}) > 3 then left({sql}, 1) || '•••' when {sql} is not null then '•••' end"
