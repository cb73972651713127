"""Arguments, parted into a shape, which a plan depends on, and values, which are bound for each request.

A shape is a hashable tree of tuples: names, nulls, booleans, enum members and the lengths of lists of objects stay in it,
everything else is a value: compilation sees the shape alone, so no value can reach the SQL text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from crmcore.database import ids
from crmcore.errors import Invalid, Refusal, Violation
from crmcore.graphql.planner.arguments.binding import Bound
from crmcore.graphql.planner.arguments.values import text as checked
from crmcore.graphql.planner.place import Place

__all__ = ["REFUSED", "Given", "Shape", "node_of", "part"]

Shape = Hashable

_VALUE, _VALUES, _OBJECT, _LIST, _FLAG, _CURSOR, _NODE, _NODES, _MEMBERS, _SIZE = (
    "value values object list flag cursor node nodes members size".split()
)

#: The shape of arguments that cannot be read; their only value says why.
REFUSED: Shape = ("refused",)

#: A filter's conditions become SQL, so their number and depth are bounded apart from the size of the request.
_MOST_PARTS, _DEEPEST = 500, 16
_MOST_KEYS = 50
#: Sizes of pages that may be part of a shape; no page has more records.
_SIZES = range(1001)


def part(arguments: Mapping[str, Any], special: Mapping[str, str]) -> tuple[Shape, list[Any]]:
    """Part a field's coerced arguments into shape and values.

    Args:

        arguments: by GraphQL name.
        special: arguments whose value decides more than others' do: `"cursor"` (which of its keys are null),
            `"node"` and `"nodes"` (which entities are asked for), `"members"` (which members of an enum), `"size"` (of a
            page).
    """
    parting = _Parting()
    try:
        shape = tuple((name, parting.argument(value, special.get(name))) for name, value in arguments.items())
    except Refusal as refusal:
        return REFUSED, [refusal]
    return (_OBJECT, shape), parting.values


def node_of(shape: Any, name: str) -> tuple[int, str]:
    """Return of an argument that is an id of any entity: which value it is, and the entity."""
    _, position, entity = dict(shape[1])[name]
    return position, entity


class _Parting:
    def __init__(self) -> None:
        self.values: list[Any] = []
        self._parts = 0

    def argument(self, value: Any, special: str | None) -> Shape:
        if special is None or value is None:
            return self.shape(value, 0)
        match special:
            case "cursor":
                return self._cursor(value)
            case "node":
                return self._node(value)
            case "size":
                return (_SIZE, self._keep(value), value) if value in _SIZES else self.shape(value, 0)
            case "members":
                return (_MEMBERS, tuple(sorted({member.name for member in value})))
        return self._nodes(value)

    def shape(self, value: Any, depth: int) -> Shape:
        if isinstance(value, dict):
            self._parts += len(value)
            if depth > _DEEPEST or self._parts > _MOST_PARTS:
                msg = f"The arguments have more than {_MOST_PARTS} conditions or nest them more than {_DEEPEST} deep; ask in smaller steps."
                raise Invalid.at("", "TOO_COMPLEX", msg)
            return (_OBJECT, tuple((k, self.shape(v, depth + 1)) for k, v in value.items()))
        if isinstance(value, list):
            if value and not isinstance(value[0], dict):
                return (_VALUES, self._keep(value))
            return (_LIST, tuple(self.shape(v, depth + 1) for v in value))
        if value is None or isinstance(value, Enum):
            return value
        if isinstance(value, bool):
            return (_FLAG, value)
        return (_VALUE, self._keep(value))

    def _keep(self, value: Any) -> int:
        self.values.append(value)
        return len(self.values) - 1

    def _cursor(self, text: str) -> Shape:
        try:
            keys = json.loads(bytes.fromhex(text))
        except (ValueError, RecursionError):
            keys = None
        if not isinstance(keys, list) or not 1 < len(keys) < _MOST_KEYS:
            msg = "This is no cursor; use a cursor, startCursor or endCursor that this list has given."
            raise Invalid.at("cursor", "NOT_A_CURSOR", msg)
        return (_CURSOR, self._keep(keys), tuple(key is None for key in keys))

    def _node(self, text: str) -> Shape:
        entity, value = ids.split(checked(text))
        return (_NODE, self._keep(value), entity)

    def _nodes(self, texts: list[str]) -> Shape:
        pairs = [ids.split(checked(text)) for text in texts]
        return (_NODES, self._keep(pairs), tuple(sorted({entity for entity, _ in pairs})))


@dataclass(frozen=True, slots=True)
class Given:
    """What compilation sees of an argument, or of a part of one.

    Attributes:

        shape: the shape.
        site: which field's arguments.
        place: where that field stands.
        path: where in the arguments this stands, in GraphQL names joined by dots.
    """

    shape: Any
    site: int
    place: Place
    path: str = ""

    def get(self, name: str) -> Given | None:
        """Return the member `name` of an object, None when it is absent or null."""
        return next((given for key, given in self.items() if key == name and given.shape is not None), None)

    def items(self) -> Iterator[tuple[str, Given]]:
        """Yield an object's members, nulls too."""
        for name, shape in self.shape[1]:
            yield name, self._part(shape, name)

    def elements(self) -> Iterator[Given]:
        """Yield a list's objects; a single object counts as a list of one."""
        if self.shape[0] == _OBJECT:
            yield self
        else:
            for index, shape in enumerate(self.shape[1]):
                yield self._part(shape, str(index))

    @property
    def null(self) -> bool:
        """Whether null was given."""
        return self.shape is None

    @property
    def empty(self) -> bool:
        """Whether an empty list was given."""
        return bool(self.shape == (_LIST, ()))

    @property
    def constant(self) -> Any:
        """The boolean or enum member that was given, None for other values."""
        if isinstance(self.shape, Enum):
            return self.shape
        return self.shape[1] if self.shape is not None and self.shape[0] == _FLAG else None

    @property
    def nulls(self) -> tuple[bool, ...]:
        """Of a cursor: which of its keys are null."""
        return self.shape[2]  # type: ignore[no-any-return]

    @property
    def size(self) -> int | None:
        """The size of a page, None if there is no page of such a size."""
        return self.shape[2] if self.shape[0] == _SIZE else None

    @property
    def names(self) -> tuple[str, ...]:
        """Of members of an enum: their names."""
        return self.shape[1]  # type: ignore[no-any-return]

    @property
    def entities(self) -> tuple[str, ...]:
        """Of ids of any entity: which entities they name."""
        named = self.shape[2]
        return (named,) if isinstance(named, str) else named

    def reader(self, convert: Callable[[Any], Any] | None = None) -> Callable[[Bound], Any]:
        """Return what reads the value from a request; what `convert` refuses gets this path."""
        site, index, path = self.site, self.shape[1], self.path
        if convert is None:
            return lambda bound: bound.values[site][index]

        def read(bound: Bound) -> Any:
            try:
                return convert(bound.values[site][index])
            except Invalid as problem:
                raise Invalid(
                    problem.message, [Violation(path, v.code, v.message) for v in problem.violations]
                ) from None

        return read

    def _part(self, shape: Any, name: str) -> Given:
        return Given(shape, self.site, self.place, f"{self.path}.{name}" if self.path else name)
