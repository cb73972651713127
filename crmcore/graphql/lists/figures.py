"""Which figures there are of many records: their count, and what the kind of each field allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.entities.registry import Entities
from crmcore.graphql.lists.sealed import sealed

__all__ = ["Figure", "Function", "figures"]


class Function(Enum):
    """How one value is made of many; each member is how its figures' names begin."""

    COUNT = "count"
    COUNT_DISTINCT = "countDistinct"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


_OF_NUMBERS = (Function.SUM, Function.AVG, Function.MIN, Function.MAX)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value made of all records of a list; `count` alone is of no field, and of a field it counts where that is true."""

    function: Function
    field: f.Scalar | f.Money | f.Expression | None = None

    @property
    def name(self) -> str:
        """`count`, `sumAmount`."""
        name = self.field.name if self.field else ""
        return f"{self.function.value}{name[:1].upper()}{name[1:]}"

    @property
    def kind(self) -> Kind:
        """The kind of its value; whole sums are large numbers, and money is in minor units."""
        if self.field is None or self.function in (Function.COUNT, Function.COUNT_DISTINCT):
            return kinds.INT
        if isinstance(self.field, f.Money):
            return kinds.BIGINT
        if self.function is Function.AVG:
            return kinds.FLOAT
        if self.function is Function.SUM and self.field.kind is not kinds.FLOAT:
            return kinds.BIGINT
        return self.field.kind


def figures(entities: Entities, entity: Entity) -> Iterator[Figure]:
    """Yield the figures of an entity's records; there are none of what is stored sealed."""
    yield Figure(Function.COUNT)
    for given in entities.fields(entity.name).values():
        if sealed(entity, given) is not None:
            continue
        match given:
            case f.Money():
                yield from (Figure(function, given) for function in _OF_NUMBERS)
            case f.Scalar(kind=kind) | f.Expression(kind=kind) if given.name != "id":
                yield from (Figure(function, given) for function in _functions(kind))


def _functions(kind: Kind) -> Iterable[Function]:
    if kind in (kinds.INT, kinds.BIGINT, kinds.FLOAT):
        return _OF_NUMBERS
    if kind in (kinds.TEXT, kinds.INSTANT, kinds.DATE):
        return (Function.MIN, Function.MAX)
    if kind in (kinds.ENUM, kinds.ID):
        return (Function.COUNT_DISTINCT,)
    return (Function.COUNT,) if kind is kinds.BOOL else ()
