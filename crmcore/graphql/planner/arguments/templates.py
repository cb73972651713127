"""A field's arguments whose shape no request changes, since what varies in them are plain values: worked out once.

Coercing and parting them each time was a tenth of a query by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from graphql import ValueNode, VariableNode

from crmcore.database import ids
from crmcore.errors import Refusal
from crmcore.graphql.planner.arguments.given import REFUSED, Shape, node_of
from crmcore.graphql.planner.arguments.values import text

__all__ = ["Parted", "Template", "template", "variables_in"]

Parted = tuple[Shape, list[Any]]

#: What is one value whatever it is. A boolean, a member of an enum and null are part of a shape, and lists have shapes of their own.
_PLAIN = frozenset({str, int, float, Decimal, UUID, datetime, date, time})


class _Mark:
    """Stands for a variable's value while its places are looked for."""

    def __init__(self, variable: str) -> None:
        self.variable = variable


class _Hole(NamedTuple):
    """Where a variable's value goes; `entity` is the one that it must name if it is an id of any entity."""

    position: int
    variable: str
    entity: str | None


class Template:
    """Shape and values of a field's arguments, with holes in the values.

    Args:

        shape: of all requests whose variables fit.
        values: of one of them.
        holes: where variables' values go.
        same: what other variables must be, for they are part of the shape.
    """

    def __init__(self, shape: Shape, values: list[Any], holes: list[_Hole], same: Mapping[str, Any]) -> None:
        self._shape, self._values, self._holes = shape, values, holes
        self._same = [(name, type(value), value) for name, value in same.items()]

    def filled(self, variables: Mapping[str, Any]) -> Parted | None:
        """Return shape and values in a request, None where they have to be worked out."""
        for name, kind, expected in self._same:
            value = variables.get(name)
            if type(value) is not kind or value != expected:
                return None
        values = self._values.copy()
        for position, variable, entity in self._holes:
            value = variables.get(variable)
            if value is None or type(value) not in _PLAIN:
                return None
            if entity is not None:
                try:
                    named, value = ids.split(text(value))
                except Refusal:
                    return None
                if named != entity:
                    return None
            values[position] = value
        return self._shape, values


def template(
    part: Callable[[Mapping[str, Any]], Parted | None],
    varying: Mapping[str, str | None],
    nodes: Mapping[str, str],
    given: Mapping[str, Any],
) -> Template | None:
    """Return the template of a field's arguments, None if this request's have none.

    Args:

        part: from variables to shape and values, None if they are refused.
        varying: its variables, and of what kind the argument is that each is in; None is one that is shaped by its type.
        nodes: by name of an argument that is an id of any entity: its variable.
        given: the request's variables.
    """
    plain = {name for name, kind in varying.items() if kind is None and type(given.get(name)) in _PLAIN}
    same = {name: given.get(name) for name in varying if name not in plain and name not in nodes.values()}
    if any(
        isinstance(value, dict | list) or value is None for value in (*same.values(), *map(given.get, nodes.values()))
    ):
        return None
    real = part(given)
    marked = part({**given, **{name: _Mark(name) for name in plain}})
    if real is None or marked is None or marked[0] == REFUSED:
        return None
    shape, values = marked
    holes = [_Hole(n, value.variable, None) for n, value in enumerate(values) if isinstance(value, _Mark)]
    for name, variable in nodes.items():
        position, entity = node_of(shape, name)
        holes.append(_Hole(position, variable, entity))
    made = Template(shape, values, holes, same)
    # A mark inside a list is no hole, and would stay there.
    return made if made.filled(given) == real else None


def variables_in(node: ValueNode) -> Iterator[str]:
    """Yield the variables of a literal."""
    if isinstance(node, VariableNode):
        yield node.name.value
    for inner in getattr(node, "values", ()) or [f.value for f in getattr(node, "fields", ())]:
        yield from variables_in(inner)
