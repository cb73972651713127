"""Input values coerced as graphql-core coerces them, with what depends on the schema alone worked out once.

graphql-core walks all fields of an input type for each object of that type: 20 µs for a filter of one condition. Here an
object costs what it holds. What does not coerce is left to graphql-core, whose words the client gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    assert_leaf_type,
    get_nullable_type,
    is_leaf_type,
    is_required_input_field,
)
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value

__all__ = ["Coercer"]

#: Deeper values are left to graphql-core, which refuses those without end.
_DEEPEST = 50

#: What a text is already.
_TEXTS = (GraphQLString, GraphQLID)

#: So many shapes of objects are known of a type: names of fields in the order in which they were given, and their values' types.
_SHAPES = 256

_Coerce = Callable[[Any, int], Any]


class _Unfit(Exception):
    """An object is none of its type."""


class _Shape(NamedTuple):
    """How objects of one shape are coerced.

    Attributes:

        pick: from an object to its values, in declared order.
        names: of Python, in that order.
        steps: of which fields the values are coerced, by which function; a text may stay as it is.
        absent: defaults of fields that are not given.
    """

    pick: Callable[[dict[str, Any]], Iterable[Any]]
    names: tuple[str, ...]
    steps: tuple[tuple[str, _Coerce], ...]
    absent: dict[str, Any]


class Coercer:
    """Coerces values of one schema's types."""

    def __init__(self) -> None:
        self._made: dict[GraphQLInputType, _Coerce] = {}

    def of(self, type_: GraphQLInputType) -> _Coerce:
        """Return what coerces a value of a type at a depth, 0 at the top: to `Undefined` if graphql-core has to say what is wrong."""
        made = self._made.get(type_)
        if made is None:
            made = self._made[type_] = self._make(type_)
        return made

    def _make(self, type_: GraphQLInputType) -> _Coerce:
        if isinstance(type_, GraphQLNonNull):
            return self._required(type_.of_type)
        if isinstance(type_, GraphQLList):
            return self._list(type_.of_type)
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_)
        return _leaf(assert_leaf_type(type_))

    def _required(self, type_: GraphQLInputType) -> _Coerce:
        if is_leaf_type(type_):
            return _leaf(type_, missing=Undefined)
        inner = self.of(type_)
        return lambda value, depth: Undefined if value is None else inner(value, depth)

    def _list(self, type_: GraphQLInputType) -> _Coerce:
        inner = self.of(type_)

        def coerce(value: Any, depth: int) -> Any:
            if value is None:
                return None
            items = [inner(item, depth + 1) for item in (value if isinstance(value, list) else [value])]
            return Undefined if any(item is Undefined for item in items) else items

        return coerce

    def _object(self, type_: GraphQLInputObjectType) -> _Coerce:
        as_is = type_.out_type is GraphQLInputObjectType.out_type
        # Each is made when it is needed: a type can have fields of its own type.
        shape_of = lru_cache(_SHAPES)(partial(self._shape, type_))

        def coerce(value: Any, depth: int) -> Any:
            if value is None:
                return None
            if not isinstance(value, dict) or type_.is_one_of or depth > _DEEPEST:
                return Undefined
            try:
                pick, names, steps, absent = shape_of((*value, *map(type, value.values())))
            except _Unfit:
                return Undefined
            found = dict(zip(names, pick(value), strict=True))
            for name, inner in steps:
                coerced = inner(found[name], depth + 1)
                if coerced is Undefined:
                    return Undefined
                found[name] = coerced
            if absent:
                found |= absent
            return found if as_is else type_.out_type(found)

        return coerce

    def _shape(self, type_: GraphQLInputObjectType, shape: tuple[Any, ...]) -> _Shape:
        """Return how objects with such fields and types of values are coerced.

        Raises:

            _Unfit: there are others, or one is missing. So no such shape is remembered: clients make them up, as long as they like.
        """
        fields, half = type_.fields, len(shape) // 2
        given = dict(zip(shape[:half], shape[half:], strict=True))
        required = {name for name, field in fields.items() if is_required_input_field(field)}
        if not required <= given.keys() <= fields.keys():
            raise _Unfit
        # In declared order as graphql-core has it: objects that differ in their order alone share a plan.
        known = {name: (field, field.out_name or name) for name, field in fields.items()}
        there = {name: field for name, field in known.items() if name in given}
        steps = tuple(
            (own, self.of(field.type))
            for name, (field, own) in there.items()
            if given[name] is not str or get_nullable_type(field.type) not in _TEXTS
        )
        defaults = {own: coerce_default_value(field) for name, (field, own) in known.items() if name not in given}
        absent = {own: default for own, default in defaults.items() if default is not Undefined}
        return _Shape(_picker([*there]), tuple(own for _, own in there.values()), steps, absent)


def _picker(names: Sequence[str]) -> Callable[[dict[str, Any]], Iterable[Any]]:
    return itemgetter(*names) if len(names) > 1 else lambda value: [value[name] for name in names]


def _leaf(type_: GraphQLLeafType, *, missing: Any = None) -> _Coerce:
    # A member of an enum goes through three functions and Python's own enumeration otherwise, a text through one.
    members = {n: type_.coerce_input_value(n) for n in type_.values} if isinstance(type_, GraphQLEnumType) else None
    text = type_ in _TEXTS

    def coerce(value: Any, _depth: int) -> Any:
        if type(value) is str:
            if text:
                return value
            if members is not None:
                return members.get(value, Undefined)
        if value is None:
            return missing
        try:
            return type_.coerce_input_value(value)
        except Exception:
            return Undefined

    return coerce
