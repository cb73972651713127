"""Groups of records: `dealsGroupBy(groupBy: [{stage: {field: NAME}}]) { key { field value } aggregate { count } }`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity, snake
from crmcore.entities.kinds import JSON as JSON_KIND
from crmcore.entities.kinds import TEXT
from crmcore.graphql.lists.aggregates import about_figure, aggregate_type
from crmcore.graphql.lists.figures import figures
from crmcore.graphql.lists.filters import filter_input, kind_filter, money_filter
from crmcore.graphql.lists.sealed import sealed
from crmcore.graphql.roots.backing import GroupsOf
from crmcore.graphql.types.enums import DeletedRecords, NullsOrder, OrderDirection, as_enum, made_enum
from crmcore.graphql.types.forge import argument, field, many, optional
from crmcore.graphql.types.scalars import JSON, Currency

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["groups_root"]

#: Members that are the same for all entities; a relation of one of these names cannot be grouped by.
_OWN = frozenset({"field", "grain", "timeZone"})


@as_enum
class DateGrain(Enum):
    """By what instants and dates are grouped."""

    DAY = "Calendar days."
    WEEK = "Weeks, which begin on Monday (ISO 8601)."
    MONTH = "Calendar months."
    QUARTER = "Quarters, which begin in January, April, July and October."
    YEAR = "Calendar years."


@as_enum
class GroupKeyPosition(Enum):
    """Which of the keys that groups are made by."""

    FIRST = "The first key."
    SECOND = "The second key."
    THIRD = "The third key."
    FOURTH = "The fourth key."
    FIFTH = "The fifth key."
    SIXTH = "The sixth key."


@strawberry.type(description="What the records of a group have in common.")
class GroupKey:
    field: str = strawberry.field(description="What they are grouped by: `status`, `stage.name`.")
    value: JSON | None = strawberry.field(
        description="Its value as the field shows it, for dates the first day of the grain; null if they have none."
    )


def groups_root(types: Types, entity: Entity) -> StrawberryField:
    """Return `dealsGroupBy(...)`."""
    about = f"The {entity.plural} you may see in groups, with figures of each group."
    group = many(_group(types, entity))
    return field(f"{entity.plural}GroupBy", group, about, backing=GroupsOf(entity), arguments=_arguments(types, entity))


def _arguments(types: Types, entity: Entity) -> Iterable[StrawberryArgument]:
    yield argument("groupBy", many(_group_by(types, entity)), "By what, one to six keys.")
    yield argument("filter", optional(filter_input(types, entity)), f"Which {entity.plural} count; all if absent.")
    yield argument("having", optional(_having(types, entity)), "Which groups are shown; all if absent.")
    order = (
        "By what groups are ordered, the first key first; equal ones, and all if absent, by the keys they are made by."
    )
    yield argument("orderBy", optional(many(_order(types, entity))), order)
    yield argument("first", int, "How many groups, at most 1000.", 100)
    if entity.soft_delete:
        yield argument("deleted", DeletedRecords, "Whether deleted records count.", DeletedRecords.EXCLUDE)


def _group(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("key", many(GroupKey), "What its records have in common, in the order of `groupBy`.")
        yield field("aggregate", aggregate_type(types, entity), "Figures of its records.")

    return types.forge.object(
        f"{entity.type_name}Group", f"{entity.plural.capitalize()} that have something in common.", fields
    )


def _group_by(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        by = "By what; give either this or one of the linked records."
        yield field("field", optional(_group_field(types, entity)), by)
        for name, relation in types.entities.fields(entity.name).items():
            if isinstance(relation, f.One) and name not in _OWN:
                about = f"By the linked record; null where there is none. {relation.description}"
                yield field(name, optional(_group_by(types, types.entities[relation.target])), about)
        yield field("grain", optional(DateGrain), "For instants and dates, which need one.")
        zone = "In which time zone days begin, for instants: `Europe/Berlin`; the CRM's if absent."
        yield field("timeZone", optional(str), zone)

    return types.forge.input(f"{entity.type_name}GroupBy", f"One key by which {entity.plural} are grouped.", fields)


def _group_field(types: Types, entity: Entity) -> type[Enum]:
    def make() -> type[Enum]:
        members = {
            snake(name).upper(): (name, given.description)
            for name, given in types.entities.fields(entity.name).items()
            if isinstance(given, f.Scalar | f.Expression)
            and given.kind is not JSON_KIND
            and sealed(entity, given) is None
        }
        return made_enum(f"{entity.type_name}GroupField", f"What {entity.plural} can be grouped by.", members)

    made: type[Enum] = types.forge.once(f"{entity.type_name}GroupField", make)
    return made


def _having(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        for figure in figures(types.entities, entity):
            if figure.kind is TEXT:
                continue
            money = isinstance(figure.field, f.Money)
            condition = money_filter(types) if money else kind_filter(types, figure.kind)
            yield field(figure.name, optional(condition), about_figure(figure))

    about = f"Which groups of {entity.plural} are meant, by their figures; all that is said must hold."
    return types.forge.input(f"{entity.type_name}Having", about, fields)


def _order(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("figure", optional(_figure_enum(types, entity)), "By a figure; give either this or `key`.")
        yield field("key", optional(GroupKeyPosition), "By one of the keys of `groupBy`.")
        yield field(
            "currency", optional(Currency), "For figures of money, which need one: by its amount in this currency."
        )
        yield field("direction", OrderDirection, "Which end comes first.", default=OrderDirection.ASC)
        nulls = "Where groups without the value stand; if absent, last when ascending and first when descending."
        yield field("nulls", optional(NullsOrder), nulls)

    return types.forge.input(
        f"{entity.type_name}GroupOrder", f"One key by which groups of {entity.plural} are ordered.", fields
    )


def _figure_enum(types: Types, entity: Entity) -> type[Enum]:
    def make() -> type[Enum]:
        members = {snake(x.name).upper(): (x.name, about_figure(x)) for x in figures(types.entities, entity)}
        return made_enum(f"{entity.type_name}Figure", f"What can be asked of all {entity.plural} of a group.", members)

    made: type[Enum] = types.forge.once(f"{entity.type_name}Figure", make)
    return made
