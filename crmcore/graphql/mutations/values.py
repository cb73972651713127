"""What a mutation has to show: Python values that know which GraphQL type they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types.base import get_object_definition

from crmcore.entities.action import RecordRef

__all__ = ["Granted", "Value", "attribute", "type_name"]


@dataclass(frozen=True, slots=True)
class Granted(RecordRef):
    """A record that is shown even if row rules hide it: what the actor just wrote, or oneself. Field rules hold."""


@dataclass(frozen=True, slots=True)
class Value:
    """An object whose fields are values already: scalars, lists, further values, and `RecordRef`s, which are read.

    Attributes:

        type: GraphQL name of its type.
        fields: by GraphQL name.
    """

    type: str
    fields: Mapping[str, Any]


def type_name(value: Any) -> str:
    """Return the GraphQL type of a `Value` or an instance of a Strawberry type."""
    if isinstance(value, Value):
        return value.type
    definition = get_object_definition(type(value), strict=True)
    return definition.name


def attribute(value: Any, name: str, python_name: str) -> Any:
    """Return one field of such a value."""
    return value.fields[name] if isinstance(value, Value) else getattr(value, python_name)
