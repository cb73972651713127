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
from crmcore.entities.kinds import Kind
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


async def fill(whole: Any, fills: Sequence[Fill]) -> list[GraphQLError]:
    """Fill computed values into a value that was read as JSON, which is changed.

    Each `values` is called once, with the columns of all its rows as Python values. A refusal it raises becomes an error
    at the field, whose values are null then.
    """
    errors: list[GraphQLError] = []
    named: list[dict[str, Any]] = []
    for gap in fills:
        holders = list(_holders(whole, gap.trail, named))
        key = gap.trail[-1]
        rows = [_row(holder[key], gap.entity) for holder in holders]
        try:
            values: Sequence[Any] = await gap.field.values(rows) if rows else ()
            shown = [None if v is None else _SHOWN.get(gap.field.kind, _same)(v) for v in values]
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


def _row(shown: Mapping[str, Any], entity: Entity) -> dict[str, Any]:
    return {c: None if v is None else _READ.get(entity.facts[c].kind, _same)(v) for c, v in shown.items()}


def _same(value: Any) -> Any:
    return value


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    kinds.ID: UUID,
    kinds.BIGINT: int,
    kinds.INSTANT: instants.parse,
    kinds.DATE: date.fromisoformat,
    kinds.FLOAT: float,
}
_SHOWN: Mapping[Kind, Callable[[Any], Any]] = {
    kinds.ID: str,
    kinds.BIGINT: str,
    kinds.INSTANT: instants.wire,
    kinds.DATE: date.isoformat,
}
