"""Values that Python computes: all rows of one place in one call, put where the statement left what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from crmcore.database import instants
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.fields import Computed
from crmcore.errors import Refusal
from crmcore.graphql.planner.binding import located
from crmcore.graphql.planner.place import LIST, WAY, Place, Trail

__all__ = ["Fill", "fill"]


@dataclass(frozen=True, slots=True)
class Fill:
    """One place of a computed field.

    Attributes:

        field: what computes it.
        entity: whose columns it needs.
        place: where it stands.
    """

    field: Computed
    entity: Entity
    place: Place


async def fill(whole: Any, fills: Sequence[Fill]) -> dict[Trail, GraphQLError]:
    """Fill computed values into a value that was read as JSON, which is changed.

    Each `values` is called once, with the columns of all its rows as Python values. A refusal it raises is returned as
    the error of the place, whose values are null then.
    """
    errors: dict[Trail, GraphQLError] = {}
    for gap in fills:
        holders = _holders(whole, gap.place.trail)
        key = gap.place.key
        rows = _rows([holder[key] for holder in holders], gap)
        try:
            values: Sequence[Any] = await gap.field.values(rows) if rows else ()
            show = _SHOWN.get(gap.field.kind.name)
            shown = values if show is None else [None if v is None else show(v) for v in values]
        except Refusal as refusal:
            errors[gap.place.trail] = located(refusal, gap.place)
            shown = [None] * len(rows)
        for holder, value in zip(holders, shown, strict=True):
            holder[key] = value
    return errors


def _holders(whole: Any, trail: Trail) -> list[dict[str, Any]]:
    """Return the objects that have the last key of a trail."""
    found = [whole]
    for step in trail[:-1]:
        if step is LIST:
            found = [element for value in found for element in value if element is not None]
        elif step.startswith(WAY):
            found = [value for value in found if value.get(WAY) == step[1:]]
        else:
            found = [inner for value in found if (inner := value[step]) is not None]
    return found


def _rows(shown: list[dict[str, Any]], gap: Fill) -> list[dict[str, Any]]:
    """Turn what JSON has of each column into Python's values, in place."""
    for column in gap.field.requires:
        if (read := _READ.get(gap.entity.facts[column].kind.name)) is not None:
            for row in shown:
                if (value := row[column]) is not None:
                    row[column] = read(value)
    return shown


#: By name of the kind.
_READ: Mapping[str, Callable[[Any], Any]] = {
    kinds.ID.name: UUID,
    kinds.BIGINT.name: int,
    kinds.INSTANT.name: instants.parse,
    kinds.DATE.name: date.fromisoformat,
    kinds.FLOAT.name: float,
}
_SHOWN: Mapping[str, Callable[[Any], Any]] = {
    kinds.ID.name: str,
    kinds.BIGINT.name: str,
    kinds.INSTANT.name: instants.wire,
    kinds.DATE.name: date.isoformat,
}
