"""Python enums as GraphQL enums, with a sentence for every value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

__all__ = ["BatchMode", "DeletedRecords", "NullsOrder", "OrderDirection", "as_enum", "made_enum"]

E = TypeVar("E", bound=Enum)


def as_enum(choices: type[E]) -> type[E]:
    """Give a Python enum its GraphQL definition, once: it depends on the class alone, so all schemas share it.

    Values are named as the members. A member's description is its value, if that is a sentence (`PERSON = "A human
    being."`), or stands in the class attribute `describe` (a mapping by member name), or is made of the name.
    """
    if "__strawberry_definition__" in vars(choices):
        return choices
    own = " ".join((vars(choices).get("__doc__") or "").strip().split("\n\n")[0].split())
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", choices.__name__).capitalize()
    described = getattr(choices, "describe", None)
    sentences = {m.name: m.value for m in choices if isinstance(m.value, str) and m.value.endswith(".")}
    sentences |= described if isinstance(described, Mapping) else {}
    return _define(choices, choices.__name__, own or f"{words}.", sentences)


def made_enum(name: str, description: str, members: Mapping[str, tuple[Any, str]]) -> type[Enum]:
    """Make an enum; `members` maps a name to its Python value and its sentence."""
    choices = Enum(name, {member: value for member, (value, _) in members.items()})  # type: ignore[misc]
    return _define(choices, name, description, {member: sentence for member, (_, sentence) in members.items()})


def _define(choices: type[E], name: str, description: str, sentences: Mapping[str, str]) -> type[E]:
    strawberry.enum(choices, name=name, description=description)
    definition = vars(choices)["__strawberry_definition__"]
    assert isinstance(definition, StrawberryEnumDefinition)
    for value in definition.values:
        value.description = (
            value.description or sentences.get(value.name) or f"{value.name.replace('_', ' ').capitalize()}."
        )
    return choices


@as_enum
class DeletedRecords(Enum):
    """Whether deleted records are listed."""

    EXCLUDE = "Only records that live."
    INCLUDE = "Records that live and deleted ones."
    ONLY = "Only deleted records."


@as_enum
class OrderDirection(Enum):
    """Which end comes first."""

    ASC = "The smallest, earliest, first in the alphabet comes first."
    DESC = "The largest, latest, last in the alphabet comes first."


@as_enum
class NullsOrder(Enum):
    """Where records without the value stand."""

    FIRST = "Before all others."
    LAST = "After all others."


@as_enum
class BatchMode(Enum):
    """What happens to a batch when one of its rows is refused."""

    ATOMIC = "Nothing is kept, and the answer is a Problem."
    PARTIAL = "The other rows are kept; each row's answer says what became of it."
