"""Figures of many records, made in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.lists.figures import Figure, Function
from tests.graphql.reference.data import Row
from tests.graphql.reference.values import money, shown

__all__ = ["figure"]

_Make = Callable[[list[Any]], Any]


def figure(asked: Figure, rows: Iterable[Row]) -> Any:
    """Return a figure as an answer shows it."""
    field = asked.field
    if field is None:
        return len(list(rows))
    if isinstance(field, f.Money):
        return _by_currency(asked.function, field, rows)
    if isinstance(field, f.Expression):
        return _made(asked, [len(row["name"]) for row in rows])
    found = {id(row): row[field.column] for row in rows}
    values = [value for value in found.values() if value is not None]
    made = _made(asked, [v.encode() if isinstance(v, str) else v for v in values])
    if asked.function in (Function.MIN, Function.MAX) and made is not None:
        made = made.decode() if isinstance(made, bytes) else made
        return shown(field, {field.column: made})
    return made


def _made(asked: Figure, values: list[Any]) -> Any:
    match asked.function:
        case Function.COUNT:
            return sum(values)
        case Function.COUNT_DISTINCT:
            return len(set(values))
        case Function.SUM:
            return str(sum(values)) if asked.kind is kinds.BIGINT else float(sum(values))
        case Function.AVG:
            return float(Fraction(sum(values), len(values))) if values else None
        case Function.MIN:
            return min(values, default=None)
    return max(values, default=None)


_OF_AMOUNTS: dict[Function, _Make] = {
    Function.SUM: sum,
    # Fractions round half to even.
    Function.AVG: lambda amounts: round(Fraction(sum(amounts), len(amounts))),
    Function.MIN: min,
    Function.MAX: max,
}


def _by_currency(function: Function, field: f.Money, rows: Iterable[Row]) -> list[dict[str, str]]:
    amounts: dict[str, list[int]] = {}
    for row in rows:
        if row[field.column] is not None:
            amounts.setdefault(row[field.currency_column], []).append(row[field.column])
    return [{"amount": money(_OF_AMOUNTS[function](amounts[code]), code), "currency": code} for code in sorted(amounts)]
