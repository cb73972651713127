"""Filters as SQL conditions: `and`, `or`, `not`, a field's operators, and conditions on related records.

Logic is two-valued: what has no value is not equal to anything, and `not` is an exact complement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments import Given
from crmcore.graphql.planner.binding import Binder, Bound
from crmcore.graphql.planner.dialect import source, where
from crmcore.graphql.planner.related import Related
from crmcore.graphql.planner.values import operand, text

__all__ = ["Filters"]

_COMPARISONS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_MATCHES = frozenset({"contains", "startsWith", "endsWith"})

#: From an operator's operand to the parameter's value.
Convert = Callable[[Any], Any]


class Filters:
    """Makes the conditions of one statement."""

    def __init__(self, related: Related, binder: Binder) -> None:
        self._related, self._binder = related, binder

    def conditions(self, entity: Entity, alias: str, given: Given) -> Iterator[str]:
        """Yield conditions on a row of `entity` that together are the filter; nulls count as absent.

        Raises:

            Forbidden: a field is masked or hidden for the actor.
            Invalid: an operator has no meaning for what it is given.
        """
        for name, part in given.items():
            if part.null:
                continue
            match name:
                case "and":
                    for element in part.elements():
                        yield from self.conditions(entity, alias, element)
                case "or":
                    yield self._any(entity, alias, part)
                case "not":
                    yield f"({self._all(entity, alias, part)}) is not true"
                case _:
                    field = self._related.entities.fields(entity.name)[name]
                    self._related.rules.require_open(entity, field, "filter")
                    yield from self._field(field, alias, part)

    def _all(self, entity: Entity, alias: str, given: Given) -> str:
        return " and ".join(self.conditions(entity, alias, given)) or "1 = 1"

    def _any(self, entity: Entity, alias: str, given: Given) -> str:
        ways = [f"({self._all(entity, alias, element)})" for element in given.elements()]
        return f"({' or '.join(ways)})" if ways else "1 = 0"

    def _field(self, field: f.Field, alias: str, given: Given) -> Iterator[str]:
        match field:
            case f.Scalar(column=column, type_column=str(type_column)):
                yield from self._any_id(f"{alias}.{column}", f"{alias}.{type_column}", given)
            case f.Scalar(column=column, kind=kind, target=target):
                yield from self._operators(f"{alias}.{column}", kind, given, operand(kind, target))
            case f.Expression(kind=kind, sql=sql):
                yield from self._operators(
                    f"({sql(alias, self._binder.dialect.name)})", kind, given, operand(kind, None)
                )
            case f.Money():
                yield from self._money(field, alias, given)
            case f.One():
                yield self._exists(field, alias, given)
            case f.Many():
                for name, part in given.items():
                    if not part.null:
                        exists = self._exists(field, alias, part, but=name == "every")
                        yield exists if name == "some" else f"not {exists}"

    def _exists(self, field: f.One | f.Many, alias: str, given: Given, *, but: bool = False) -> str:
        rows = self._related.of(field, alias)
        inner = self._all(self._related.entities[field.target], rows.alias, given)
        inner = f"({inner}) is not true" if but else inner
        return f"exists (select 1 from {source(rows)}{where([*rows.where, inner])})"

    # Operators on one value.

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
        return self._compare(operator, sql, self._bind(kind, given, convert))

    def _compare(self, operator: str, sql: str, placeholder: str) -> str:
        if operator == "ne":
            return self._binder.dialect.distinct(sql, placeholder)
        return f"{sql} {_COMPARISONS[operator]} {placeholder}"

    def _match(self, operator: str, sql: str, given: Given) -> str:
        pattern = self._binder.dialect.pattern(operator)
        placeholder = self._binder.bind(given.reader(lambda value: pattern(text(value))), kinds.TEXT, given.place)
        return self._binder.dialect.matches(operator, sql, placeholder)

    def _among(self, sql: str, kind: Kind, given: Given, convert: Convert | None) -> str:
        read = given.reader((lambda values: [convert(v) for v in values]) if convert else None)
        return self._binder.dialect.among(sql, self._binder.bind(read, kind, given.place, many=True))

    def _bind(self, kind: Kind, given: Given, convert: Convert | None) -> str:
        if (constant := given.constant) is not None:
            value = convert(constant) if convert else constant
            return self._binder.bind(lambda _: value, kind, given.place)
        return self._binder.bind(given.reader(convert), kind, given.place)

    # Values of two columns.

    def _any_id(self, sql: str, entity: str, given: Given) -> Iterator[str]:
        for operator, part in given.items():
            if operator == "isNull" or part.null:
                yield from self._operators(sql, kinds.ID, _only(given, operator), None)
            elif operator in ("in", "notIn"):
                both = f"({entity} || '_' || {sql})"
                yield self._operator(
                    operator, both, kinds.TEXT, part, lambda value: ids.encode(*ids.split(text(value)))
                )
            else:
                named = self._binder.bind(part.reader(lambda value: ids.split(text(value))[0]), kinds.TEXT, part.place)
                value = self._binder.bind(part.reader(lambda value: ids.split(text(value))[1]), kinds.ID, part.place)
                same = f"({entity} = {named} and {sql} = {value})"
                yield same if operator == "eq" else f"{same} is not true"

    def _money(self, field: f.Money, alias: str, given: Given) -> Iterator[str]:
        currency, amount = given.get("currency"), given.get("amount")
        if currency:
            yield from self._operators(f"{alias}.{field.currency_column}", kinds.TEXT, currency, text)
        unit = currency.get("eq") if currency else None
        for operator, part in amount.items() if amount else ():
            sql = f"{alias}.{field.column}"
            if operator == "isNull" or part.null or part.empty:
                yield from self._operators(sql, kinds.BIGINT, _only(amount, operator), None)  # type: ignore[arg-type]
            elif unit is None:
                msg = 'Amounts are compared within one currency; add for example `currency: {eq: "EUR"}`.'
                raise Invalid.at(part.path, "CURRENCY_NEEDED", msg)
            else:
                yield self._amount(operator, sql, part, unit)

    def _amount(self, operator: str, sql: str, given: Given, unit: Given) -> str:
        amount, currency = given.reader(), unit.reader()

        def read(bound: Bound) -> int | list[int]:
            value, code = amount(bound), currency(bound)
            try:
                return [_minor(v, code) for v in value] if isinstance(value, list) else _minor(value, code)
            except ValueError as problem:
                raise Invalid.at(given.path, "NOT_AN_AMOUNT", str(problem)) from None

        many = operator in ("in", "notIn")
        placeholder = self._binder.bind(read, kinds.BIGINT, given.place, many=many)
        if not many:
            return self._compare(operator, sql, placeholder)
        among = self._binder.dialect.among(sql, placeholder)
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
