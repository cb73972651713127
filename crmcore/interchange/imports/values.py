"""From what a source gives to what a field's columns hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities import fields as f
from crmcore.entities.kinds import BIGINT, BOOL, DATE, ENUM, FLOAT, ID, INSTANT, INT, JSON, TEXT
from crmcore.errors import Invalid
from crmcore.interchange.imports.mapping import Source
from crmcore.interchange.imports.sources import Refused
from crmcore.interchange.imports.text import as_instant, parse_date, parse_number

__all__ = ["Link", "Writable", "as_columns", "as_json"]

#: Fields a file can give.
Writable = f.Scalar | f.Money


@dataclass(frozen=True, slots=True)
class Link:
    """A record that a value points to."""

    entity: str
    id: UUID


def as_columns(field: Writable, value: Any, source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a field that gets a value.

    Args:

        field: the field.
        value: as `Sources.value` gives it, or the `Link` that was found by it.
        source: how numbers, dates and words are written.
        row: the row's columns, for the currency of an amount.

    Raises:

        Refused: the value does not fit the field.
    """
    try:
        if isinstance(field, f.Money):
            return _money(field, value, source, row)
        if value is None:
            return {field.column: None}
        if field.kind is ID:
            return _link(field, value)
        return {field.column: _CASTS[field.kind.name](field, value, source)}
    except Invalid as refusal:
        raise Refused(refusal.violations[0].code, refusal.message) from refusal
    except ValueError as problem:
        raise Refused("MALFORMED", f"{str(problem).rstrip('.')}.") from problem


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it: for custom fields, whose kinds are this installation's own affair."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _money(field: f.Money, value: Any, source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    if value is None:
        return {field.column: None, field.currency_column: None}
    if isinstance(value, dict):
        return _money(field, value.get("amount"), Source(currency=value.get("currency")), row)
    currency = source.currency or row.get(source.currency_column or "")
    if not currency:
        raise Refused("NO_CURRENCY", "The amount has no currency; give the mapping currency or currency_column.")
    money = _read_money(_number(value, source), str(currency).strip().upper())
    return {field.column: money.minor, field.currency_column: money.currency}


_read_money = lru_cache(4096)(Money.of)


def _number(value: Any, source: Source) -> Decimal:
    if isinstance(value, str):
        return parse_number(value, source.decimal, source.thousands)
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _link(field: f.Scalar, value: Any) -> dict[str, Any]:
    link = value if isinstance(value, Link) else Link(*ids.split(str(value)))
    if field.type_column is not None:
        return {field.column: link.id, field.type_column: link.entity}
    if link.entity != field.target:
        raise Refused("WRONG_ID_TYPE", f"Expected the id of a {field.target}, got {ids.encode(link.entity, link.id)}.")
    return {field.column: link.id}


def _text(_: f.Scalar, value: Any, __: Source) -> str:
    return str(value)


def _enum(field: f.Scalar, value: Any, _: Source) -> str:
    members = field.facts.choices.__members__ if field.facts.choices is not None else {}
    word = str(value).strip().upper().replace(" ", "_").replace("-", "_")
    if word not in members:
        raise Refused(
            "UNKNOWN_VALUE", f"{str(value)[:60]!r} is not one of {', '.join(members)}; use replace or translate."
        )
    return word


def _whole(_: f.Scalar, value: Any, source: Source) -> int:
    number = _number(value, source)
    if number != number.to_integral_value():
        raise Refused("MALFORMED", f"{value} is not a whole number.")
    return int(number)


def _float(_: f.Scalar, value: Any, source: Source) -> float:
    return float(_number(value, source))


def _bool(_: f.Scalar, value: Any, source: Source) -> bool:
    word = str(value).strip().lower()
    for answer, words in ((True, source.true), (False, source.false)):
        if word in (w.lower() for w in words):
            return answer
    raise Refused(
        "UNKNOWN_VALUE",
        f"{str(value)[:60]!r} is neither yes ({', '.join(source.true)}) nor no ({', '.join(source.false)}).",
    )


def _instant(_: f.Scalar, value: Any, source: Source) -> datetime:
    parsed = parse_date(value, None, source.pivot) if isinstance(value, str) else value
    return as_instant(parsed, source.zone).astimezone(UTC)


def _date(_: f.Scalar, value: Any, source: Source) -> date:
    parsed: date = parse_date(value, None, source.pivot) if isinstance(value, str) else value
    return parsed.date() if isinstance(parsed, datetime) else parsed


def _json(_: f.Scalar, value: Any, __: Source) -> Any:
    return json.loads(value) if isinstance(value, str) else as_json(value)


_CASTS: Mapping[str, Callable[[f.Scalar, Any, Source], Any]] = {
    TEXT.name: _text,
    ENUM.name: _enum,
    INT.name: _whole,
    BIGINT.name: _whole,
    FLOAT.name: _float,
    BOOL.name: _bool,
    INSTANT.name: _instant,
    DATE.name: _date,
    JSON.name: _json,
}
