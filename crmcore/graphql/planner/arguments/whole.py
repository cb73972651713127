"""A field's arguments as graphql-core reads them, with a short way where each is a variable that was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLField, VariableNode, is_non_null_type
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Undefined

__all__ = ["argument_reader", "argument_values"]


def argument_reader(field: GraphQLField, node: FieldNode) -> Callable[[VariableValues], dict[str, Any]]:
    """Return what reads a field's arguments, coerced, by name; what is absent and has no default is no key.

    It raises GraphQLError if an argument cannot be coerced.

    Args:

        field: which declares them.
        node: the field in the document, which is valid.
    """
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    plain: list[tuple[str, str]] = []
    for name, argument in field.args.items():
        value = given.get(name)
        if type(value) is VariableNode:
            plain.append((argument.out_name or name, value.name.value))
        elif (
            value is not None
            or argument.default is not None
            or argument.default_value is not Undefined
            or is_non_null_type(argument.type)
        ):
            return lambda variables: get_argument_values(field, node, variables)

    def read(variables: VariableValues) -> dict[str, Any]:
        coerced = variables.coerced
        found: dict[str, Any] = {}
        for name, variable in plain:
            # What null is depends on the argument's type.
            if (value := coerced.get(variable)) is None:
                return get_argument_values(field, node, variables)
            found[name] = value
        return found

    return read


def argument_values(field: GraphQLField, node: FieldNode, variables: VariableValues) -> dict[str, Any]:
    """Return coerced arguments by name, as `argument_reader` does for those who read them once."""
    return argument_reader(field, node)(variables)
