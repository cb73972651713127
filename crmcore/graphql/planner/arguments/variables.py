"""The values of an operation's variables: graphql-core's coercion, with a short way for what is given and right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLSchema, VariableDefinitionNode
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.pyutils import Undefined

from crmcore.errors import Code
from crmcore.graphql.planner.arguments.coercion import Coercer
from crmcore.graphql.planner.documents.document import GraphQLErrors

__all__ = ["Variables"]


#: Makes a named tuple in half of the time that its own constructor takes, which is a function of Python's.
_source = tuple.__new__


class Variables:
    """The variables that one operation declares."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode], coercer: Coercer) -> None:
        self._schema, self._definitions = schema, definitions
        signatures = [get_variable_signature(schema, node) for node in definitions]
        self._signatures = [(s, coercer.of(s.type)) for s in signatures if isinstance(s, GraphQLVariableSignature)]
        # A broken declaration does not pass validation; should one come, graphql-core says what is wrong with it.
        self._sound = not any(isinstance(s, GraphQLError) for s in signatures)

    def coerce(self, given: Mapping[str, Any], *, suggestions: bool = True) -> VariableValues:
        """Coerce what a client gave; messages about unknown names may say which known name is like it.

        Raises:

            GraphQLErrors: a required value is missing, or one is not of its type.
        """
        quick = self._quick(given) if self._sound else None
        if quick is not None:
            return quick
        try:
            values = get_variable_values(
                self._schema, self._definitions, dict(given), max_errors=20, hide_suggestions=not suggestions
            )
        except ValueError:
            # graphql-core quotes what it refuses, and Python does not write integers of more than 4300 digits.
            msg = "A variable holds a number of more than 4300 digits; no field holds such a number."
            raise GraphQLErrors([GraphQLError(msg, extensions={"code": Code.VALIDATION.value})]) from None
        if isinstance(values, VariableValues):
            return values
        raise GraphQLErrors(values)

    def _quick(self, given: Mapping[str, Any]) -> VariableValues | None:
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, coerce in self._signatures:
            name = signature.name
            value = given.get(name, Undefined)
            if value is Undefined:
                return None
            coerced[name] = result = coerce(value, 0)
            if result is Undefined:
                return None
            sources[name] = _source(VariableValueSource, (signature, value))
        return VariableValues(sources, coerced)
