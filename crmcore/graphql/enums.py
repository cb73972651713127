"""Python enums as GraphQL enums, with a sentence for every value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from crmcore.entities.batch import Mode

__all__ = ["BATCH_MODE", "DELETED_RECORDS", "NULLS_ORDER", "ORDER_DIRECTION", "as_enum", "made_enum", "readable"]


def readable(name: str) -> str:
    """Turn `AT_RISK` into `At risk.`: the description of a value that has none of its own."""
    return f"{name.replace('_', ' ').capitalize()}."


def as_enum(choices: type[Enum]) -> type[Enum]:
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


def _define(choices: type[Enum], name: str, description: str, sentences: Mapping[str, str]) -> type[Enum]:
    strawberry.enum(choices, name=name, description=description)
    definition = vars(choices)["__strawberry_definition__"]
    assert isinstance(definition, StrawberryEnumDefinition)
    for value in definition.values:
        value.description = value.description or sentences.get(value.name) or readable(value.name)
    return choices


DELETED_RECORDS = made_enum(
    "DeletedRecords",
    "Whether deleted records are listed.",
    {
        "EXCLUDE": ("exclude", "Only records that live."),
        "INCLUDE": ("include", "Records that live and deleted ones."),
        "ONLY": ("only", "Only deleted records."),
    },
)
ORDER_DIRECTION = made_enum(
    "OrderDirection",
    "Which end comes first.",
    {
        "ASC": ("asc", "The smallest, earliest, first in the alphabet comes first."),
        "DESC": ("desc", "The largest, latest, last in the alphabet comes first."),
    },
)
NULLS_ORDER = made_enum(
    "NullsOrder",
    "Where records without the value stand.",
    {"FIRST": ("first", "Before all others."), "LAST": ("last", "After all others.")},
)
BATCH_MODE = made_enum(
    "BatchMode",
    "What happens to a batch when one of its rows is refused.",
    {
        "ATOMIC": (Mode.ATOMIC, "Nothing is kept, and the answer is a Problem."),
        "PARTIAL": (Mode.PARTIAL, "The other rows are kept; each row's answer says what became of it."),
    },
)
