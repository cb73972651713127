"""What is wrong with a list's arguments, found without looking at a single record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from crmcore.entities import fields as f
from crmcore.entities import kinds
from tests.graphql.reference.orders import Orders, Steps
from tests.graphql.reference.rules import Sight
from tests.graphql.reference.values import DIGITS

__all__ = ["LARGEST_PAGE", "page_problems", "problems", "well_formed"]

LARGEST_PAGE = 200
_WRONG, _FORBIDDEN = "VALIDATION", "FORBIDDEN"


def problems(sight: Sight, orders: Orders, entity: str, arguments: Mapping[str, Any]) -> set[str]:
    """Return the codes of everything that is wrong with a page's arguments."""
    found = set(_filter(sight, entity, arguments.get("filter") or {}))
    wrong_order = set(orders.problems(sight, entity, arguments.get("orderBy") or []))
    found |= wrong_order
    steps = () if wrong_order else orders.steps(sight, entity, arguments.get("orderBy") or [])
    return found | page_problems(orders, entity, steps, arguments)


def page_problems(orders: Orders, entity: str, steps: Steps, arguments: Mapping[str, Any]) -> set[str]:
    """Return the codes of what is wrong with the arguments that say which part of a list is meant."""
    found = set()
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        found.add(_WRONG)
    if any(n is not None and not 0 <= n <= LARGEST_PAGE for n in (first, last)):
        found.add(_WRONG)
    for name in ("after", "before"):
        text = arguments.get(name)
        if text is not None and orders.issued.get(text, (None, None))[:2] != (entity, steps):
            found.add(_WRONG)
    return found


def _filter(sight: Sight, entity: str, condition: Mapping[str, Any]) -> Iterator[str]:
    for name, part in condition.items():
        if part is None:
            continue
        if name in ("and", "or"):
            for element in part:
                yield from _filter(sight, entity, element)
        elif name == "not":
            yield from _filter(sight, entity, part)
        else:
            field = sight.entities.fields(entity)[name]
            if not sight.open(entity, field):
                yield _FORBIDDEN
            yield from _field(sight, field, part)


def _field(sight: Sight, field: f.Field, part: Mapping[str, Any]) -> Iterator[str]:
    match field:
        case f.Scalar(kind=kind, target=target):
            yield from _operators(part)
            if kind is kinds.ID:
                given = [v for op, v in part.items() if op != "isNull" and v is not None]
                texts = [t for v in given for t in (v if isinstance(v, list) else [v])]
                if not all(well_formed(t, target) for t in texts):
                    yield _WRONG
        case f.Expression():
            yield from _operators(part)
        case f.Money():
            yield from _money(part)
        case f.Stamp():
            for inner in part.values():
                yield from _operators(inner or {})
        case f.One() | f.Many():
            for inner in [part] if isinstance(field, f.One) else part.values():
                yield from _filter(sight, field.target, inner or {})


def _operators(part: Mapping[str, Any]) -> Iterator[str]:
    if any(v is None and op not in ("isNull", "eq", "ne") for op, v in part.items()):
        yield _WRONG


def _money(part: Mapping[str, Any]) -> Iterator[str]:
    currency, amount = part.get("currency") or {}, part.get("amount") or {}
    yield from _operators(currency)
    yield from _operators(amount)
    values = [v for op, v in amount.items() if op != "isNull" and v not in (None, [])]
    unit = currency.get("eq")
    if values and unit is None:
        yield _WRONG
    for value in values if unit else ():
        for text in value if isinstance(value, list) else [value]:
            if unit not in DIGITS or -int(Decimal(text).as_tuple().exponent) > DIGITS[unit]:
                yield _WRONG


def well_formed(text: str, target: str | None) -> bool:
    """Say whether a text is an id, of one entity if it must be."""
    entity, _, value = text.rpartition("_")
    try:
        UUID(value)
    except ValueError:
        return False
    return bool(entity) and target in (None, entity)
