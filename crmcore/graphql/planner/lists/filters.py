"""Filters as SQL conditions: `and`, `or`, `not`, conditions on a record's fields and on related records.

Logic is two-valued: what has no value is not equal to anything, and `not` is an exact complement.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.graphql.planner.arguments.binding import Binder
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.dialect import source, where
from crmcore.graphql.planner.lists.conditions import Conditions
from crmcore.graphql.planner.related import Related
from crmcore.graphql.planner.sealed.conditions import of_sealed

__all__ = ["Filters"]


class Filters:
    """Makes the conditions of one statement.

    Attributes:

        values: makes those on a single value.
    """

    def __init__(self, related: Related, binder: Binder, zone: ZoneInfo) -> None:
        self._related, self._dialect = related, binder.dialect
        self.values = Conditions(binder, zone)

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
                    if isinstance(field, f.Scalar) and field.column in entity.sealed:
                        yield from of_sealed(self.values.binder, entity, field, alias, part)
                    else:
                        yield from self._field(field, alias, part)

    def _all(self, entity: Entity, alias: str, given: Given) -> str:
        return " and ".join(self.conditions(entity, alias, given)) or "1 = 1"

    def _any(self, entity: Entity, alias: str, given: Given) -> str:
        ways = [f"({self._all(entity, alias, element)})" for element in given.elements()]
        return f"({' or '.join(ways)})" if ways else "1 = 0"

    def _field(self, field: f.Field, alias: str, given: Given) -> Iterator[str]:
        match field:
            case f.Scalar(column=column, type_column=str(type_column)):
                yield from self.values.of_any_id(f"{alias}.{column}", f"{alias}.{type_column}", given)
            case f.Scalar(column=column, kind=kind, target=target):
                yield from self.values.of_value(f"{alias}.{column}", kind, given, target)
            case f.Expression(kind=kind, sql=sql):
                yield from self.values.of_value(f"({sql(alias, self._dialect.name)})", kind, given)
            case f.Money():
                yield from self._money(field, alias, given)
            case f.Stamp(column=column):
                yield from self.values.of_stamp(lambda key: self._dialect.member(f"{alias}.{column}", key), given)
            case f.One():
                yield self._exists(field, alias, given)
            case f.Many():
                yield from self._list(field, alias, given)

    def _money(self, field: f.Money, alias: str, given: Given) -> Iterator[str]:
        currency, amount = given.get("currency"), given.get("amount")
        if currency:
            yield from self.values.of_value(f"{alias}.{field.currency_column}", kinds.TEXT, currency)
        if amount:
            unit = currency.get("eq") if currency else None
            yield from self.values.of_amount(f"{alias}.{field.column}", amount, unit)

    def _list(self, field: f.Many, alias: str, given: Given) -> Iterator[str]:
        for name, part in given.items():
            if not part.null:
                exists = self._exists(field, alias, part, but=name == "every")
                yield exists if name == "some" else f"not {exists}"

    def _exists(self, field: f.One | f.Many, alias: str, given: Given, *, but: bool = False) -> str:
        rows = self._related.of(field, alias)
        inner = self._all(self._related.entities[field.target], rows.alias, given)
        inner = f"({inner}) is not true" if but else inner
        return f"exists (select 1 from {source(rows)}{where([*rows.where, inner])})"
