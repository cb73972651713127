"""A field's arguments as graphql-core reads them, with a short way where each is a variable that was given."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLField, VariableNode, is_non_null_type
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Undefined

__all__ = ["argument_values"]


def argument_values(field: GraphQLField, node: FieldNode, variables: VariableValues) -> dict[str, Any]:
    """Return coerced arguments by name; what is absent and has no default is no key.

    Args:

        field: which declares them.
        node: the field in the document, which is valid.
        variables: coerced.

    Raises:

        GraphQLError: an argument cannot be coerced.
    """
    coerced = variables.coerced
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    found: dict[str, Any] = {}
    for name, argument in field.args.items():
        value = given.get(name)
        if value is None:
            if argument.default is None and argument.default_value is Undefined and not is_non_null_type(argument.type):
                continue
            return get_argument_values(field, node, variables)
        # Null depends on the argument's type.
        if type(value) is not VariableNode or (known := coerced.get(value.name.value)) is None:
            return get_argument_values(field, node, variables)
        found[argument.out_name or name] = known
    return found
