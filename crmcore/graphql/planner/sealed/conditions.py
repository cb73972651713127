"""Conditions on sealed values: a plugin finds the records beforehand, and the statement is told their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import ID
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Binder, Look
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.arguments.values import operand, text
from crmcore.graphql.planner.sealed.within import found_within

if TYPE_CHECKING:
    from crmcore.graphql.planner.sealed.looking import Asking

__all__ = ["of_sealed"]


def of_sealed(binder: Binder, entity: Entity, field: f.Scalar, alias: str, given: Given) -> Iterator[str]:
    """Yield the conditions that a filter makes on a sealed field of the row `alias`.

    Raises:

        Invalid: an operator means nothing, or nothing can be looked up where the filter stands.
    """
    for operator, part in given.items():
        if operator == "isNull":
            if not part.null:
                yield f"{alias}.{field.column} is {'' if part.constant else 'not '}null"
        elif part.null:
            yield _null(operator, f"{alias}.{field.column}", part)
        elif part.empty:
            yield "1 = 0" if operator == "in" else "1 = 1"
        else:
            found = _found(binder, entity, field, alias, operator, part)
            yield f"not ({found})" if operator in ("ne", "notIn") else found


def _found(binder: Binder, entity: Entity, field: f.Scalar, alias: str, operator: str, given: Given) -> str:
    if not binder.looks:
        msg = f"{entity.type_name}.{field.name} is stored sealed and cannot be compared here, where records are judged as they were; leave it out, or ask `isNull`."
        raise Invalid.at(given.path, "SEALED_FIELD", msg)
    prefix = operator == "startsWith"
    convert = _prefix if prefix else (operand(field.kind, None) or _same)
    look = Look(_Finding(entity, field.column, prefix), _ids)
    ids = binder.look_up(look, _values(operator, convert, given), ID, given.place, many=True)
    assert entity.seal is not None
    if not prefix:
        several = operator in ("in", "notIn")
        if (lookup := entity.seal.lookup(field.column, binder.dialect.name, several=several)) is not None:
            found_within(binder, lookup, entity, field.column, ids)
    return binder.dialect.found(alias, ids)


def _values(operator: str, convert: Callable[[Any], Any], given: Given) -> Callable[[Any], list[Any]]:
    if (constant := given.constant) is not None:
        values = [convert(constant)]
        return lambda _: values
    if operator in ("in", "notIn"):
        return given.reader(lambda values: [convert(value) for value in values])
    return given.reader(lambda value: [convert(value)])


@dataclass(frozen=True, eq=False, slots=True)
class _Finding:
    """Asks which records have a sealed value."""

    entity: Entity
    column: str
    prefix: bool

    async def answer(self, asking: Asking, given: Any) -> Sequence[UUID]:
        assert self.entity.seal is not None
        values = [value for value in given if value is not None]
        if not values:
            return ()
        return await self.entity.seal.find(asking.database, self.column, values, prefix=self.prefix)


def _ids(found: Sequence[UUID], _given: Any) -> list[UUID]:
    return list(dict.fromkeys(found))


def _same(value: Any) -> Any:
    return value


def _prefix(value: str) -> str:
    if value:
        return text(value)
    msg = "Every text starts with nothing; ask `isNull: false` for records that have a value."
    raise Invalid.at("", "EMPTY_PREFIX", msg)


def _null(operator: str, sql: str, given: Given) -> str:
    if operator in ("eq", "ne"):
        return f"{sql} is {'not ' if operator == 'ne' else ''}null"
    msg = f"{given.path} is null, which is in no list and begins nothing; use isNull, or leave it out."
    raise Invalid.at(given.path, "NULL", msg)
