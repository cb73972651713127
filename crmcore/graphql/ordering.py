"""What lists can be ordered by: `CustomerOrder { field direction nulls }`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from strawberry.types.field import StrawberryField

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity, snake
from crmcore.entities.kinds import ID, JSON
from crmcore.graphql.enums import NullsOrder, OrderDirection, made_enum
from crmcore.graphql.forge import field, optional

if TYPE_CHECKING:
    from crmcore.graphql.types import Types

__all__ = ["order_input"]


def order_input(types: Types, entity: Entity) -> Any:
    """Return the input for one key of an entity's order."""

    def fields() -> Iterable[StrawberryField]:
        yield field("field", _order_field(types, entity), "By what.")
        yield field("direction", OrderDirection, "Which end comes first.", default=OrderDirection.ASC)
        nulls = "Where records without the value stand; if absent, last when ascending and first when descending."
        yield field("nulls", optional(NullsOrder), nulls)

    return types.forge.input(f"{entity.type_name}Order", f"One key by which {entity.plural} are ordered.", fields)


def _order_field(types: Types, entity: Entity) -> type[Enum]:
    def make() -> type[Enum]:
        members = {
            snake(name).upper(): (name, backing.description)
            for name, backing in types.entities.fields(entity.name).items()
            if _orders(backing)
        }
        return made_enum(f"{entity.type_name}OrderField", f"What {entity.plural} can be ordered by.", members)

    made: type[Enum] = types.forge.once(f"{entity.type_name}OrderField", make)
    return made


def _orders(backing: f.Field) -> bool:
    match backing:
        case f.Money():
            return True
        case f.Scalar(name=name, kind=kind):
            return kind is not JSON and (kind is not ID or name == "id")
        case f.Expression(kind=kind):
            return kind not in (JSON, ID)
    return False
