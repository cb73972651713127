"""Strawberry types made at run time: what `@strawberry.type` does for written classes, for declared entities."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import EnumType
from typing import Annotated, Any, Union

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

__all__ = ["BACKING", "Forge", "argument", "backing", "field", "many", "optional"]

#: Key of a field's metadata under which stands what backs it (`crmcore.entities.fields`, `crmcore.graphql.roots.backing`).
BACKING = "crm"


class Forge:
    """The types of one schema, by GraphQL name; each is made when first asked for, so they may refer to each other.

    Their fields follow in `complete`, not at once: types that lead to types would nest as deep as there are entities.
    Nothing is kept between schemas: a plugin that is switched off leaves no trace.
    """

    def __init__(self) -> None:
        self._types: dict[str, Any] = {}
        self._pending: deque[tuple[StrawberryObjectDefinition, Callable[[], Iterable[StrawberryField]]]] = deque()

    def complete(self) -> None:
        """Make the fields of all types asked for, and of those these lead to."""
        while self._pending:
            definition, fields = self._pending.popleft()
            definition.fields.extend(fields())

    def object(
        self,
        name: str,
        description: str,
        fields: Callable[[], Iterable[StrawberryField]],
        interfaces: Sequence[type] = (),
    ) -> Any:
        """Return the object type `name`; `fields` is called once, by `complete`."""
        return self._make(name, description, fields, interfaces=interfaces)

    def input(self, name: str, description: str, fields: Callable[[], Iterable[StrawberryField]]) -> Any:
        """Return the input type `name`; its values reach us as dicts by GraphQL name, an absent field being no key."""
        return self._make(name, description, fields, is_input=True)

    def union(self, name: str, description: str, members: Sequence[type]) -> Any:
        """Return the union `name`."""
        if name not in self._types:
            written: Any = Annotated[Union[tuple(members)], strawberry.union(name, description=description)]
            self._types[name] = StrawberryAnnotation(written).resolve()
        return self._types[name]

    def known(self, name: str) -> Any:
        """Return what was made under a name; None if nothing was."""
        return self._types.get(name)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` gives for this name, an enum for example."""
        if name not in self._types:
            self._types[name] = make()
        return self._types[name]

    def _make(
        self,
        name: str,
        description: str,
        fields: Callable[[], Iterable[StrawberryField]],
        *,
        interfaces: Sequence[type] = (),
        is_input: bool = False,
    ) -> type:
        if name in self._types:
            return self._types[name]  # type: ignore[no-any-return]
        made = type(name, tuple(interfaces), {"__module__": __name__, "__doc__": description})
        self._types[name] = made
        definition = StrawberryObjectDefinition(
            name=name,
            is_input=is_input,
            is_interface=False,
            origin=made,
            description=description,
            interfaces=[i.__strawberry_definition__ for i in interfaces],  # type: ignore[attr-defined]
            extend=False,
            directives=(),
            is_type_of=_any_value,
            resolve_type=None,
            fields=[],
        )
        made.__strawberry_definition__ = definition  # type: ignore[attr-defined]
        self._pending.append((definition, fields))
        return made


def _any_value(_value: Any, _info: Any) -> bool:
    # Values of these types are dicts by response key, whose type was known when they were read.
    return True


class _Field(StrawberryField):
    """A field whose type is known: Strawberry evaluates annotations again and again (446 types: 0.8 s instead of 0.27 s)."""

    def __init__(self, known: Any, **given: Any) -> None:
        super().__init__(**given)
        self._known = known

    def resolve_type(self, *, type_definition: StrawberryObjectDefinition | None = None) -> Any:  # noqa: ARG002 - Strawberry's signature
        return self._known


class _Argument(StrawberryArgument):
    def __init__(self, known: Any, name: str, description: str, default: Any) -> None:
        super().__init__(name, name, StrawberryAnnotation(None), description=description, default=default)
        self._known = known

    @property
    def type(self) -> Any:
        return self._known


def optional(type_: Any) -> Any:
    """Make a type nullable."""
    return StrawberryOptional(_resolved(type_))


def many(type_: Any) -> Any:
    """Make a list of a type."""
    return StrawberryList(_resolved(type_))


def field(
    name: str,
    type_: Any,
    description: str,
    *,
    backing: object = None,
    arguments: Iterable[StrawberryArgument] = (),
    default: Any = UNSET,
) -> StrawberryField:
    """Make a field without resolver; what is nullable is said by `type_`."""
    made = _Field(
        _resolved(type_),
        python_name=name,
        graphql_name=name,
        description=description,
        default=default,
        metadata={} if backing is None else {BACKING: backing},
    )
    made.arguments = list(arguments)
    return made


def argument(name: str, type_: Any, description: str, default: Any = UNSET) -> StrawberryArgument:
    """Make an argument; one of a non-null type without `default` is required."""
    return _Argument(_resolved(type_), name, description, default)


def backing(field: StrawberryField) -> Any:
    """Return what backs a field; None for a plain resolver."""
    return field.metadata.get(BACKING)


def _resolved(type_: Any) -> Any:
    return vars(type_)["__strawberry_definition__"] if isinstance(type_, EnumType) else type_
