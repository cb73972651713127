"""Who gives which field of a type: gathered before the schema is made, so that a clash names both parties."""

from __future__ import annotations

from collections.abc import Iterable

from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

__all__ = ["Gathered", "graphql_name"]


class Gathered:
    """The fields of one type, in the order plugins give them.

    Args:

        type_name: the GraphQL type.
        problems: gets a line for every clash.
    """

    def __init__(self, type_name: str, problems: list[str]) -> None:
        self.fields: list[StrawberryField] = []
        self._type_name = type_name
        self._problems = problems
        self._givers: dict[str, str] = {}

    def add(self, giver: str, fields: Iterable[StrawberryField]) -> None:
        """Add the fields of a plugin."""
        for field in fields:
            where = f"{self._type_name}.{graphql_name(field)}"
            if (other := self._givers.get(where)) is not None:
                who = (
                    f"Plugins {other!r} and {giver!r} both give" if other != giver else f"Plugin {giver!r} twice gives"
                )
                self._problems.append(f"{who} {where}; rename one.")
                continue
            self._givers[where] = giver
            self.fields.append(field)


def graphql_name(field: StrawberryField) -> str:
    """Return a field's name as clients see it."""
    return field.graphql_name or to_camel_case(field.python_name)
