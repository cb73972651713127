"""Filters over records in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from crmcore.entities import fields as f
from crmcore.entities import kinds
from tests.graphql.reference.rules import Record
from tests.graphql.reference.values import DIGITS, holds, shown

__all__ = ["meets"]

#: From a record and a relation to the records it leads to.
Follow = Callable[[Record, "f.One | f.Many"], list[Record]]


def meets(
    record: Record, condition: Mapping[str, Any], fields: Callable[[str], Mapping[str, f.Field]], follow: Follow
) -> bool:
    """Say whether a record meets a filter that is in order."""

    def all_of(record: Record, condition: Mapping[str, Any]) -> bool:
        return all(one(record, name, part) for name, part in condition.items() if part is not None)

    def one(record: Record, name: str, part: Any) -> bool:
        match name:
            case "and":
                return all(all_of(record, p) for p in part)
            case "or":
                return any(all_of(record, p) for p in part)
            case "not":
                return not all_of(record, part)
        field = fields(record.entity)[name]
        match field:
            case f.One():
                return any(all_of(r, part) for r in follow(record, field))
            case f.Many():
                met = {q: [all_of(r, p) for r in follow(record, field)] for q, p in part.items() if p is not None}
                return all({"some": any(m), "none": not any(m), "every": all(m)}[q] for q, m in met.items())
        return _plain(record, field, part)

    return all_of(record, condition)


def _plain(record: Record, field: f.Field, part: Any) -> bool:
    row = record.row
    match field:
        case f.Scalar(kind=kind, column=column):
            return holds(kind, shown(field, row) if kind is kinds.ID else row[column], part)
        case f.Expression(kind=kind):
            return holds(kind, len(row["name"]), part)
        case f.Stamp(column=column):
            given = {member: part.get(name) or {} for name, member in (("type", "type"), ("actorId", "id"))}
            return all(holds(kinds.TEXT, row[column][member], operators) for member, operators in given.items())
        case f.Money(column=column, currency_column=code):
            currency, amount = part.get("currency") or {}, part.get("amount") or {}
            unit = currency.get("eq")
            minor = {op: _minor(v, unit) for op, v in amount.items()}
            return holds(kinds.TEXT, row[code], currency) and holds(kinds.INT, row[column], minor)
    raise AssertionError(field)


def _minor(value: Any, unit: str | None) -> Any:
    if isinstance(value, list):
        return [_minor(v, unit) for v in value]
    return (
        value if unit is None or value is None or isinstance(value, bool) else int(Decimal(value).scaleb(DIGITS[unit]))
    )
