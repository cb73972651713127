"""Values that Python computes: all rows of one place in one call, put where the statement left what they need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from crmcore.graphql.planner.binding import Place, located

__all__ = ["LIST", "Fill", "fill"]

#: In a trail: every element of a list.
LIST = None
#: In a trail, before an entity's name: an object only if it is that entity's. Such an object names its entity under this
#: key, which is no GraphQL name, until its values are filled in.
WAY = "~"


@dataclass(frozen=True, slots=True)
class Fill:
    """One place of a computed field.

    Attributes:

        trail: keys from the value of the root field, with `LIST` and `WAY`.
        field: what computes it.
        entity: whose columns it needs.
        place: where it stands, for errors.
    """

    trail: tuple[str | None, ...]
    field: Computed
    entity: Entity
    place: Place

    @property
    def key(self) -> str:
        """The response key of the values."""
        assert self.trail[-1] is not None
        return self.trail[-1]


async def fill(whole: Any, fills: Sequence[Fill]) -> list[GraphQLError]:
    """Fill computed values into a value that was read as JSON, which is changed.

    Each `values` is called once, with the columns of all its rows as Python values. A refusal it raises becomes an error
    at the field, whose values are null then.
    """
    errors: list[GraphQLError] = []
    named: list[dict[str, Any]] = []
    for gap in fills:
        holders = list(_holders(whole, gap.trail, named))
        key = gap.key
        rows = _rows([holder[key] for holder in holders], gap)
        try:
            values: Sequence[Any] = await gap.field.values(rows) if rows else ()
            show = _SHOWN.get(gap.field.kind.name)
            shown = values if show is None else [None if v is None else show(v) for v in values]
        except Refusal as refusal:
            errors.append(located(refusal, gap.place))
            shown = [None] * len(rows)
        for holder, value in zip(holders, shown, strict=True):
            holder[key] = value
    for record in named:
        record.pop(WAY, None)
    return errors


def _holders(value: Any, trail: Sequence[str | None], named: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    if value is None:
        return
    step, *rest = trail
    if step is LIST:
        for element in value:
            yield from _holders(element, rest, named)
    elif step.startswith(WAY):
        if value.get(WAY) == step.removeprefix(WAY):
            named.append(value)
            yield from _holders(value, rest, named)
    elif not rest:
        yield value
    else:
        yield from _holders(value[step], rest, named)


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
