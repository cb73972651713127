"""Values that Python computes: all rows of one place in one call, put where the statement left what they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from crmcore.entities.entity import Entity
from crmcore.entities.fields import Computed
from crmcore.errors import Refusal
from crmcore.graphql.planner.answers.walk import objects
from crmcore.graphql.planner.answers.wire import READ, SHOWN
from crmcore.graphql.planner.arguments.binding import located
from crmcore.graphql.planner.place import Place, Trail

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
        holders = objects(whole, gap.place.trail[:-1])
        key = gap.place.key
        rows = _rows([holder[key] for holder in holders], gap)
        try:
            values: Sequence[Any] = await gap.field.values(rows) if rows else ()
            show = SHOWN.get(gap.field.kind.name)
            shown = values if show is None else [None if v is None else show(v) for v in values]
        except Refusal as refusal:
            errors[gap.place.trail] = located(refusal, gap.place)
            shown = [None] * len(rows)
        for holder, value in zip(holders, shown, strict=True):
            holder[key] = value
    return errors


def _rows(shown: list[dict[str, Any]], gap: Fill) -> list[dict[str, Any]]:
    """Turn what JSON has of each column into Python's values, in place."""
    for column in gap.field.requires:
        if (read := READ.get(gap.entity.facts[column].kind.name)) is not None:
            for row in shown:
                if (value := row[column]) is not None:
                    row[column] = read(value)
    return shown
