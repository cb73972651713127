"""Figures and groups the plain way: Python's exact numbers over lists of rows in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.lists.figures import Figure, Function, figures
from tests.graphql.planner.reference import Record, Reference, scalar
from tests.graphql.planner.world import ENTITIES, Row

__all__ = ["all_figures", "figures_of", "grouped", "selection"]

_LARGEST = 1.7976931348623157e308


@cache
def _reference() -> Reference:
    return Reference()


def selection(entity: str) -> str:
    """Select every figure of an entity."""
    return " ".join(
        f"{x.name} {{ currency amount }}" if isinstance(x.field, f.Money) else x.name for x in all_figures(entity)
    )


def all_figures(entity: str) -> list[Figure]:
    """Return every figure of an entity."""
    return list(figures(ENTITIES, ENTITIES[entity]))


def figures_of(entity: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return every figure of some rows as an answer shows it, in the order of `selection`."""
    return {figure.name: _figure(figure, rows) for figure in all_figures(entity)}


def _figure(figure: Figure, rows: Sequence[Row]) -> Any:
    field, function = figure.field, figure.function
    if field is None:
        return len(rows)
    if isinstance(field, f.Money):
        return _by_currency(function, [(row[field.currency_column], row[field.column]) for row in rows])
    values = [v for row in rows if (v := raw(field, row)) is not None]
    match function:
        case Function.COUNT:
            return sum(values)
        case Function.COUNT_DISTINCT:
            return len(set(values))
        case Function.SUM:
            return _number(_total(values)) if field.kind is kinds.FLOAT else str(sum(values))
        case Function.AVG:
            number = _number(_total(values))
            return None if not values or number is None else number / len(values) if abs(number) >= 1e-290 else 0.0
    if not values:
        return None
    extreme = (min if function is Function.MIN else max)(values, key=_sorting)
    return _shown(field, extreme)


def raw(field: f.Scalar | f.Expression, row: Row) -> Any:
    """Return a value as a row has it."""
    return len(row["name"]) if isinstance(field, f.Expression) else row[field.column]


def _shown(field: f.Scalar | f.Expression, value: Any) -> Any:
    return value if isinstance(field, f.Expression) else scalar(field, {field.column: value})


def _sorting(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _total(values: Iterable[Any]) -> Decimal:
    with localcontext(prec=1000):
        return sum((Decimal(repr(v)) for v in values), Decimal(0))


def _number(total: Decimal) -> float | None:
    return None if total.copy_abs() > Decimal(_LARGEST) else float(total)


def _by_currency(function: Function, pairs: Iterable[tuple[str | None, int | None]]) -> list[dict[str, Any]]:
    by_currency: dict[str, list[int]] = {}
    for currency, minor in pairs:
        if currency is not None and minor is not None:
            by_currency.setdefault(currency, []).append(minor)
    made: Mapping[Function, Callable[[list[int]], int]] = {
        Function.SUM: sum,
        Function.AVG: lambda minors: round(Fraction(sum(minors), len(minors))),
        Function.MIN: min,
        Function.MAX: max,
    }
    return [
        {"currency": currency, "amount": Money(made[function](minors), currency).amount}
        for currency, minors in sorted(by_currency.items())
    ]


def grouped(entity: str, rows: Sequence[Row], *keys: tuple[str, str | None, str]) -> list[dict[str, Any]]:
    """Return the groups of some rows in the order of their keys; a key is a path, a grain and a time zone."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    shown: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        values = [_key(entity, row, *key) for key in keys]
        group = tuple((value is None, _sorting(value)) for value, _ in values)
        found.setdefault(group, []).append(row)
        shown[group] = [{"field": path, "value": value} for (path, _, _), (_, value) in zip(keys, values, strict=True)]
    return [{"key": shown[group], "aggregate": figures_of(entity, found[group])} for group in sorted(found)]


def _key(entity: str, row: Row, path: str, grain: str | None, zone: str) -> tuple[Any, Any]:
    """Return a key's value for sorting, and as an answer shows it."""
    *links, name = path.split(".")
    record = Record(entity, row)
    for link in links:
        relation = ENTITIES.fields(record.entity)[link]
        assert isinstance(relation, f.One)
        related = _reference().related(record, relation)
        if not related:
            return None, None
        record = related[0]
    field = ENTITIES.fields(record.entity)[name]
    assert isinstance(field, f.Scalar | f.Expression)
    value = raw(field, record.row)
    if value is None:
        return None, None
    if grain is not None:
        day = value.astimezone(ZoneInfo(zone)).date() if field.kind is kinds.INSTANT else value
        value = first_day(day, grain)
        return value, value.isoformat()
    if isinstance(field, f.Scalar) and field.type_column is not None:
        return value, ids.encode(record.row[field.type_column], value)
    return value, _shown(field, value)


def first_day(day: date, grain: str) -> date:
    """Return the first day of the grain that a day is in."""
    match grain:
        case "WEEK":
            return day - timedelta(days=day.weekday())
        case "MONTH":
            return day.replace(day=1)
        case "QUARTER":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "YEAR":
            return day.replace(month=1, day=1)
    return day
