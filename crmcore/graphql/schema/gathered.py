"""Who gives which field of a type: gathered before the schema is made, so that a clash names both parties."""

from __future__ import annotations

from collections.abc import Iterable

from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from crmcore.entities.registry import Giver

__all__ = ["Gathered", "graphql_name"]


class Gathered:
    """The fields of one type, in the order plugins give them.

    Args:

        type_name: the GraphQL type.
        problems: gets a line for every clash.

    Attributes:

        fields: those that do not clash.
        givers: who gives each, by its GraphQL name.
    """

    def __init__(self, type_name: str, problems: list[str]) -> None:
        self.fields: list[StrawberryField] = []
        self.type_name = type_name
        self.givers: dict[str, Giver] = {}
        self._problems = problems

    def add(self, giver: Giver, fields: Iterable[StrawberryField]) -> None:
        """Add the fields of a plugin."""
        for field in fields:
            name = graphql_name(field)
            if (other := self.givers.get(name)) is not None:
                one, two = other.plugin, giver.plugin
                who = f"Plugins {one!r} and {two!r} both give" if one != two else f"Plugin {two!r} twice gives"
                self._problems.append(f"{who} {self.type_name}.{name}; rename one.")
                continue
            self.givers[name] = giver
            self.fields.append(field)


def graphql_name(field: StrawberryField) -> str:
    """Return a field's name as clients see it."""
    return field.graphql_name or to_camel_case(field.python_name)
