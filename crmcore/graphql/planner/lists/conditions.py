"""Conditions on one value: what each operator of a filter makes of a column, an amount, an id of any record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities import kinds
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Binder, Bound
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.arguments.relative import RELATIVE, Relative
from crmcore.graphql.planner.arguments.values import operand, text

__all__ = ["Conditions"]

_COMPARISONS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_MATCHES = frozenset({"contains", "startsWith", "endsWith"})

#: From an operator's operand to the parameter's value.
Convert = Callable[[Any], Any]


class Conditions:
    """Makes the conditions of one statement; every method refuses operators that mean nothing (`Invalid`).

    Args:

        binder: takes the operands.
        zone: in whose days operators relative to now count.

    Attributes:

        binder: the same.
    """

    def __init__(self, binder: Binder, zone: ZoneInfo) -> None:
        self.binder = binder
        self._relative = Relative(binder, zone)

    def of_value(self, sql: str, kind: Kind, given: Given, target: str | None = None) -> Iterator[str]:
        """Yield the conditions that a kind's filter makes on a value; `target` is the entity that an id must name."""
        yield from self._operators(sql, kind, given, operand(kind, target))

    def of_stamp(self, sql: Callable[[str], str], given: Given) -> Iterator[str]:
        """Yield the conditions on who did something; `sql` gives a member of the stamp."""
        for name, member, kind in (("type", "type", kinds.ENUM), ("actorId", "id", kinds.TEXT)):
            if part := given.get(name):
                yield from self._operators(f"({sql(member)})", kinds.TEXT, part, operand(kind, None))

    def of_any_id(self, sql: str, entity: str, given: Given) -> Iterator[str]:
        """Yield the conditions on an id of any record; `entity` is SQL for the name of its entity."""
        for operator, part in given.items():
            if operator == "isNull" or part.null:
                yield from self._operators(sql, kinds.ID, _only(given, operator), None)
            elif operator in ("in", "notIn"):
                both = f"({entity} || '_' || {sql})"
                yield self._operator(
                    operator, both, kinds.TEXT, part, lambda value: ids.encode(*ids.split(text(value)))
                )
            else:
                named = self.binder.bind(part.reader(lambda value: ids.split(text(value))[0]), kinds.TEXT, part.place)
                value = self.binder.bind(part.reader(lambda value: ids.split(text(value))[1]), kinds.ID, part.place)
                same = f"({entity} = {named} and {sql} = {value})"
                yield same if operator == "eq" else f"{same} is not true"

    def of_amount(self, sql: str, amount: Given, unit: Given | None) -> Iterator[str]:
        """Yield the conditions that a decimal filter makes on minor units of the currency `unit`."""
        for operator, part in amount.items():
            if operator == "isNull" or part.null or part.empty:
                yield from self._operators(sql, kinds.BIGINT, _only(amount, operator), None)
            elif unit is None:
                msg = 'Amounts are compared within one currency; add for example `currency: {eq: "EUR"}`.'
                raise Invalid.at(part.path, "CURRENCY_NEEDED", msg)
            else:
                yield self._amount(operator, sql, part, unit)

    def _operators(self, sql: str, kind: Kind, given: Given, convert: Convert | None) -> Iterator[str]:
        for operator, part in given.items():
            if not (operator == "isNull" and part.null):
                yield self._operator(operator, sql, kind, part, convert)

    def _operator(self, operator: str, sql: str, kind: Kind, given: Given, convert: Convert | None) -> str:
        if operator == "isNull":
            return f"{sql} is {'' if given.constant else 'not '}null"
        if given.null:
            return _null(operator, sql, given)
        if operator in _MATCHES:
            return self._match(operator, sql, given)
        if operator in ("in", "notIn"):
            among = "1 = 0" if given.empty else self._among(sql, kind, given, convert)
            return among if operator == "in" else f"({among}) is not true"
        if operator in RELATIVE:
            return self._relative.condition(operator, sql, kind, given)
        return self._compare(operator, sql, self._bind(kind, given, convert))

    def _compare(self, operator: str, sql: str, placeholder: str) -> str:
        if operator == "ne":
            return self.binder.dialect.distinct(sql, placeholder)
        return f"{sql} {_COMPARISONS[operator]} {placeholder}"

    def _match(self, operator: str, sql: str, given: Given) -> str:
        pattern = self.binder.dialect.pattern(operator)
        placeholder = self.binder.bind(given.reader(lambda value: pattern(text(value))), kinds.TEXT, given.place)
        return self.binder.dialect.matches(operator, sql, placeholder)

    def _among(self, sql: str, kind: Kind, given: Given, convert: Convert | None) -> str:
        read = given.reader((lambda values: [convert(v) for v in values]) if convert else None)
        return self.binder.dialect.among(sql, self.binder.bind(read, kind, given.place, many=True))

    def _bind(self, kind: Kind, given: Given, convert: Convert | None) -> str:
        if (constant := given.constant) is not None:
            value = convert(constant) if convert else constant
            return self.binder.bind(lambda _: value, kind, given.place)
        return self.binder.bind(given.reader(convert), kind, given.place)

    def _amount(self, operator: str, sql: str, given: Given, unit: Given) -> str:
        amount, currency = given.reader(), unit.reader()

        def read(bound: Bound) -> int | list[int]:
            value, code = amount(bound), currency(bound)
            try:
                return [_minor(v, code) for v in value] if isinstance(value, list) else _minor(value, code)
            except ValueError as problem:
                raise Invalid.at(given.path, "NOT_AN_AMOUNT", str(problem)) from None

        many = operator in ("in", "notIn")
        placeholder = self.binder.bind(read, kinds.BIGINT, given.place, many=many)
        if not many:
            return self._compare(operator, sql, placeholder)
        among = self.binder.dialect.among(sql, placeholder)
        return among if operator == "in" else f"({among}) is not true"


def _null(operator: str, sql: str, given: Given) -> str:
    if operator in ("eq", "ne"):
        return f"{sql} is {'not ' if operator == 'ne' else ''}null"
    msg = f"{given.path} is null, which is neither greater nor less than anything, nor in a list; use isNull, or leave it out."
    raise Invalid.at(given.path, "NULL", msg)


def _only(given: Given, operator: str) -> Given:
    kept = tuple((name, shape) for name, shape in given.shape[1] if name == operator)
    return Given((given.shape[0], kept), given.site, given.place, given.path)


def _minor(amount: Decimal, currency: str) -> int:
    return Money.of(amount, currency).minor
