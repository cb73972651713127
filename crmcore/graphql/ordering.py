"""What lists can be ordered by: `CustomerOrder { field <linked record> direction nulls }`."""

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

__all__ = ["order_input", "order_words"]

#: Members that are the same for all entities; a relation of one of these names cannot be ordered by.
_OWN = frozenset({"field", "direction", "nulls"})


def order_input(types: Types, entity: Entity) -> Any:
    """Return the input for one key of an entity's order."""

    def fields() -> Iterable[StrawberryField]:
        by = "By what; give either this or one of the linked records."
        yield field("field", optional(_order_field(types, entity)), by)
        for name, relation in types.entities.fields(entity.name).items():
            if isinstance(relation, f.One) and name not in _OWN:
                target = order_input(types, types.entities[relation.target])
                about = f"By a field of a linked record, which is null where there is none: {relation.description}"
                yield field(name, optional(target), about)
        yield field("direction", OrderDirection, "Which end comes first.", default=OrderDirection.ASC)
        nulls = "Where records without the value stand; if absent, last when ascending and first when descending."
        yield field("nulls", optional(NullsOrder), nulls)

    return types.forge.input(f"{entity.type_name}Order", f"One key by which {entity.plural} are ordered.", fields)


def order_words(entity: Entity) -> str:
    """Describe the argument `orderBy` of an entity's lists."""
    own = ", ".join(f"{key.removeprefix('-')}{' descending' if key.startswith('-') else ''}" for key in entity.order)
    return f"By what, the first key first; {f'by {own}' if own else 'the newest record first'} if absent."


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
