"""What lists can be ordered by: `CustomerOrder { field <linked record> direction nulls }`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from strawberry.types.field import StrawberryField

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity, snake
from crmcore.entities.kinds import ID, JSON
from crmcore.graphql.lists.sealed import sealed, words
from crmcore.graphql.types.enums import NullsOrder, OrderDirection, made_enum
from crmcore.graphql.types.forge import field, optional

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["order_input", "order_words"]

#: Members that are the same for all entities; a relation of one of these names cannot be ordered by.
_OWN = frozenset({"field", "direction", "nulls"})


def order_input(types: Types, entity: Entity, *, root: bool = True) -> Any:
    """Return the input for one key of an entity's order.

    Sealed values are sorted before the statement that reads the list, so lists within records cannot be ordered by them:
    where any can be sorted, these have an input of their own.
    """
    within = "" if root or not types.any_sortable else "Nested"

    def fields() -> Iterable[StrawberryField]:
        by = "By what; give either this or one of the linked records."
        yield field("field", optional(_order_field(types, entity, within)), by)
        for name, relation in types.entities.fields(entity.name).items():
            if isinstance(relation, f.One) and name not in _OWN:
                target = order_input(types, types.entities[relation.target], root=root)
                about = f"By a field of a linked record, which is null where there is none: {relation.description}"
                yield field(name, optional(target), about)
        yield field("direction", OrderDirection, "Which end comes first.", default=OrderDirection.ASC)
        nulls = "Where records without the value stand; if absent, last when ascending and first when descending."
        yield field("nulls", optional(NullsOrder), nulls)

    return types.forge.input(
        f"{entity.type_name}{within}Order", f"One key by which {entity.plural} are ordered.", fields
    )


def order_words(entity: Entity) -> str:
    """Describe the argument `orderBy` of an entity's lists."""
    own = ", ".join(f"{key.removeprefix('-')}{' descending' if key.startswith('-') else ''}" for key in entity.order)
    return f"By what, the first key first; {f'by {own}' if own else 'the newest record first'} if absent."


def _order_field(types: Types, entity: Entity, within: str) -> type[Enum]:
    name = f"{entity.type_name}{within}OrderField"

    def make() -> type[Enum]:
        members = {
            snake(name).upper(): (name, _described(entity, backing))
            for name, backing in types.entities.fields(entity.name).items()
            if _orders(backing) and not _unsorted(entity, backing, within)
        }
        return made_enum(name, f"What {entity.plural} can be ordered by.", members)

    made: type[Enum] = types.forge.once(name, make)
    return made


def _unsorted(entity: Entity, backing: f.Field, within: str) -> bool:
    column = sealed(entity, backing)
    return column is not None and (bool(within) or not column.sortable)


def _described(entity: Entity, backing: f.Field) -> str:
    column = sealed(entity, backing)
    if column is None:
        return backing.description
    return f"{words(backing.description)} At most {column.sortable} records can be sorted by it."


def _orders(backing: f.Field) -> bool:
    match backing:
        case f.Money():
            return True
        case f.Scalar(name=name, kind=kind):
            return kind is not JSON and (kind is not ID or name == "id")
        case f.Expression(kind=kind):
            return kind not in (JSON, ID)
    return False
