"""Figures of a whole list: `DealAggregate { count sumAmount { amount currency } maxCreatedAt }`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from strawberry.types.field import StrawberryField

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.graphql.lists.figures import Figure, Function, figures
from crmcore.graphql.types.forge import field, many, optional
from crmcore.graphql.types.python_types import python_type
from crmcore.graphql.types.structures import Money

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["about_figure", "aggregate_type"]

_ABOUT = {
    Function.COUNT: "How many have true",
    Function.COUNT_DISTINCT: "How many different ones there are",
    Function.SUM: "All added up",
    Function.AVG: "Their average",
    Function.MIN: "The smallest, earliest, first in the alphabet",
    Function.MAX: "The largest, latest, last in the alphabet",
}
_OF_MONEY = {
    Function.SUM: "All added up, by currency",
    Function.AVG: "Their average by currency, rounded half to even to the currency's digits",
    Function.MIN: "The smallest by currency",
    Function.MAX: "The largest by currency",
}


def aggregate_type(types: Types, entity: Entity) -> Any:
    """Return the type of an entity's figures."""

    def fields() -> Iterable[StrawberryField]:
        for figure in figures(types.entities, entity):
            yield field(figure.name, _type(figure), about_figure(figure), backing=figure)

    about = f"Figures of all {entity.plural} of a list or of a group, whatever page is shown."
    return types.forge.object(f"{entity.type_name}Aggregate", about, fields)


def about_figure(figure: Figure) -> str:
    """Describe a figure in a sentence."""
    if figure.field is None:
        return "How many there are."
    about = (_OF_MONEY if isinstance(figure.field, f.Money) else _ABOUT)[figure.function]
    return f"{about}: {figure.field.description[:1].lower()}{figure.field.description[1:]}"


def _type(figure: Figure) -> Any:
    if isinstance(figure.field, f.Money):
        return many(Money)
    extreme = figure.function in (Function.MIN, Function.MAX)
    type_ = python_type(figure.kind, figure.field.facts if extreme and isinstance(figure.field, f.Scalar) else None)
    # Of no values there is neither an average nor a smallest one, and a sum of fractions may be too large for a number.
    return optional(type_) if extreme or figure.kind is kinds.FLOAT else type_
