"""Operations at random, valid by construction, built from a schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
)
from hypothesis import strategies as st

from tests.graphql.reference.inputs import Draw, Inputs, Pools
from tests.graphql.reference.literals import literal

__all__ = ["Made", "Shape", "operations"]

_ALIASES = ("a", "b", "name", "id", "nodes", "total", "A", "k" * 64)
_MOST_FIELDS, _MOST_LISTS = 40, 3


@dataclass(frozen=True)
class Made:
    """An operation."""

    text: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """What operations are made of.

    Attributes:

        schema: their schema.
        pools: values for arguments.
        excluded: whether a field, by its type's name and its own, is left out; inputs' fields too.
        entity: the entity that a type's connection is of, None for other types.
    """

    schema: GraphQLSchema
    pools: Pools
    excluded: Callable[[str, str], bool]
    entity: Callable[[str], str | None]


@st.composite
def operations(draw: Draw, shape: Shape) -> Made:
    """Draw an operation."""
    return _Building(draw, shape).operation()


class _Building:
    def __init__(self, draw: Draw, shape: Shape) -> None:
        self._draw, self._shape = draw, shape
        self._inputs = Inputs(draw, shape.pools, shape.excluded)
        self._fields = 0
        #: By response key what stands under it everywhere, so that selections always merge: field, arguments, wrappers.
        self._keys: dict[str, tuple[str, str, str]] = {}
        #: Name, type and how many lists it nests; then its text.
        self._fragments: list[tuple[str, GraphQLNamedType, int, str]] = []

    def operation(self) -> Made:
        query = self._shape.schema.query_type
        assert query is not None
        body, _ = self._selection(query, 0)
        declared = f"({', '.join(self._inputs.declared)})" if self._inputs.declared else ""
        fragments = "".join(f"\nfragment {n} on {t.name} {text}" for n, t, _, text in self._fragments)
        return Made(f"query Q{declared} {body}{fragments}", self._inputs.given)

    def _selection(self, type_: GraphQLNamedType, lists: int) -> tuple[str, int]:
        """Return a selection set, and how many lists it nests below those it stands in."""
        parts: list[str] = []
        deepest = 0
        for _ in range(self._inputs.one_of((1, 2, 2, 3, 4) if self._fields < _MOST_FIELDS else (1, 1, 2))):
            part, nested = self._part(type_, lists)
            parts.append(part)
            deepest = max(deepest, nested)
        return f"{{ {' '.join(parts)} }}", deepest

    def _part(self, type_: GraphQLNamedType, lists: int) -> tuple[str, int]:
        roll = self._inputs.one_of(range(100)) + (12 if self._fields > _MOST_FIELDS else 0)
        if roll < 10:
            return self._typename()
        if roll < 22 or (is_abstract_type(type_) and roll < 75):
            condition = self._condition(type_)
            inner, nested = self._selection(condition or type_, lists)
            on = f"on {condition.name} " if condition else ""
            return f"... {on}{self._directive()}{inner}", nested
        if roll < 34:
            return self._spread(type_, lists)
        names = self._names(type_, lists)
        if not names:
            return self._typename()
        return self._field(type_, self._inputs.one_of(names), lists)

    def _typename(self) -> tuple[str, int]:
        key = self._key("__typename", "", "String!")
        return f"{'' if key == '__typename' else f'{key}: '}__typename {self._directive()}", 0

    def _names(self, type_: GraphQLNamedType, lists: int) -> list[str]:
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            return []
        full = self._fields > _MOST_FIELDS
        names = []
        for name, field in type_.fields.items():
            below = get_named_type(field.type)
            enough = (full and not is_leaf_type(below)) or (lists >= _MOST_LISTS and self._is_list(field))
            if not enough and not self._shape.excluded(type_.name, name):
                # Where a record leads is more interesting than what it has.
                names += [name] * (1 if is_leaf_type(below) or lists > 1 else 3)
        return names

    def _is_list(self, field: GraphQLField) -> bool:
        return self._shape.entity(get_named_type(field.type).name) is not None

    def _field(self, type_: Any, name: str, lists: int) -> tuple[str, int]:
        self._fields += 1
        field = type_.fields[name]
        below = get_named_type(field.type)
        arguments = self._arguments(field)
        key = self._key(name, arguments, _wrappers(field.type))
        head = f"{'' if key == name else f'{key}: '}{name}{arguments} {self._directive()}"
        if is_leaf_type(below):
            return head, 0
        more = 1 if self._is_list(field) else 0
        body, nested = self._selection(below, lists + more)
        if self._inputs.chance(10):
            # The same field once more: the executor merges the selections.
            again, other = self._selection(below, lists + more)
            body, nested = f"{body} {head}{again}", max(nested, other)
        return f"{head}{body}", nested + more

    def _arguments(self, field: GraphQLField) -> str:
        given: dict[str, Any] = {}
        entity = self._shape.entity(get_named_type(field.type).name)
        if entity is not None and self._inputs.chance(25) and (known := self._shape.pools.cursors.get(entity)):
            order, cursors = self._inputs.one_of(known)
            given = {
                n: self._inputs.one_of(cursors)
                for n in self._inputs.one_of((("after",), ("before",), ("after", "before")))
            }
            if order is not None and self._inputs.chance(85):
                given["orderBy"] = order
        for name, argument in field.args.items():
            default = argument.default is not None
            required = is_non_null_type(argument.type) and not default
            if name not in given and (required or self._inputs.chance(20)):
                make = {"first": self._size, "last": self._size, "after": self._garbled, "before": self._garbled}.get(
                    name
                )
                given[name] = self._inputs.argument(argument.type, default, make)
        return f"({', '.join(f'{n}: {literal(v)}' for n, v in given.items())})" if given else ""

    def _size(self) -> int:
        return int(self._inputs.one_of((0, 1, 2, 2, 3, 3, 5, 5, 20, 40, 40, 201, -1)))

    def _garbled(self) -> str:
        every = [c for known in self._shape.pools.cursors.values() for _, cursors in known for c in cursors[:2]]
        return str(self._inputs.one_of(["", "nonsense", "5b5d", *every[:6]]))

    def _key(self, name: str, arguments: str, wrappers: str) -> str:
        meant = (name, arguments, wrappers)
        wanted = name if self._inputs.chance(75) else self._inputs.one_of(_ALIASES)
        for key in (wanted, name, *(f"{name}{n}" for n in range(200))):
            if self._keys.setdefault(key, meant) == meant:
                return str(key)
        raise AssertionError(name)

    def _directive(self) -> str:
        if not self._inputs.chance(7):
            return ""
        return f"@{self._inputs.one_of(('skip', 'include'))}(if: {self._inputs.flag()}) "

    def _condition(self, type_: GraphQLNamedType) -> GraphQLNamedType | None:
        conditions = self._conditions(type_)
        return None if self._inputs.chance(20) else self._inputs.one_of(conditions)

    def _conditions(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        schema = self._shape.schema
        concrete = schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        kept = [t for t in concrete if not self._shape.excluded(t.name, "")]
        abstract = {i.name: i for t in kept if isinstance(t, GraphQLObjectType) for i in t.interfaces}
        return [type_, *kept, *abstract.values()]

    def _spread(self, type_: GraphQLNamedType, lists: int) -> tuple[str, int]:
        fitting = {t.name for t in self._conditions(type_)}
        known = [f for f in self._fragments if f[1].name in fitting and lists + f[2] <= _MOST_LISTS]
        if known and self._inputs.chance(50):
            name, _, nested, _ = self._inputs.one_of(known)
        else:
            condition = self._inputs.one_of(self._conditions(type_))
            body, nested = self._selection(condition, lists)
            name = f"F{len(self._fragments)}"
            self._fragments.append((name, condition, nested, body))
        return f"...{name} {self._directive()}", nested


def _wrappers(type_: Any) -> str:
    if isinstance(type_, GraphQLNonNull):
        return f"{_wrappers(type_.of_type)}!"
    if isinstance(type_, GraphQLList):
        return f"[{_wrappers(type_.of_type)}]"
    return type_.name if is_leaf_type(type_) else "{}"
