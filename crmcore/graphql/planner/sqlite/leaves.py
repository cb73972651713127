"""Values without parts, as SQLite's `json_object` and `json_array` take them."""

from __future__ import annotations

from crmcore.entities import kinds
from crmcore.entities.kinds import Kind
from crmcore.graphql.planner.dialect import by_digits, quote
from crmcore.graphql.planner.plan import Amount, Cell, Literal, Member, Minor, Node, RecordId, Stored, Whose

__all__ = ["leaf"]


def leaf(node: Node) -> str:
    """Return an SQL expression for a node that has no parts."""
    match node:
        case Literal(text):
            return "null" if text is None else quote(text)
        case Cell(sql, kind, masked):
            return _masked(sql) if masked else _cell(sql, kind)
        case Stored(sql, kind, sealed=sealed):
            return _stored(sql, kind) if sealed else _cell(sql, kind)
        case Whose(id, subject):
            return f"{id} || ' ' || coalesce({subject}, '')"
        case RecordId(sql, entity):
            return f"{entity[:-1]}_' || {sql}" if entity.endswith("'") else f"{entity} || '_' || {sql}"
        case Minor(sql, currency):
            return by_digits(
                sql, currency, lambda x: f"cast({x} as text)", lambda x, width: f"printf('%0{width}d', {x})"
            )
        case Amount(sql, currency):
            return f"crm_amount({sql}, {currency})"
        case Member(sql, key):
            return f"json_extract({sql}, '$.{key}')"
    msg = f"{type(node).__name__} has parts."
    raise TypeError(msg)


def _cell(sql: str, kind: Kind) -> str:
    if kind is kinds.BOOL:
        return f"case {sql} when 1 then json('true') when 0 then json('false') end"
    if kind is kinds.BIGINT:
        return f"cast({sql} as text)"
    if kind is kinds.FLOAT:
        # SQLite 3.40 prints 15 digits; crm_float prints as many as it takes.
        return f"json(crm_float({sql}))"
    if kind is kinds.JSON:
        # A JSON number alone is kept as a number: the column's declared type has SQLite's numeric affinity.
        return f"json(case typeof({sql}) when 'real' then crm_float({sql}) else {sql} end)"
    return sql


def _stored(sql: str, kind: Kind) -> str:
    """Return a value that may be sealed, which is a text whatever the column's type."""
    if kind is kinds.JSON:
        return _cell(sql, kind)
    return f"case typeof({sql}) when 'real' then json(crm_float({sql})) else {sql} end" if kind is kinds.FLOAT else sql


def _masked(sql: str) -> str:
    return f"case when length({sql}) > 3 then substr({sql}, 1, 1) || '•••' when {sql} is not null then '•••' end"
