"""One GraphQL request that is known to be valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode, GraphQLError, GraphQLObjectType
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.graphql.plain.loading import Reader
from crmcore.graphql.plain.route import Route
from crmcore.graphql.plain.run import run_root
from crmcore.graphql.planner.arguments.selection import collect
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.requests.context import Context
from crmcore.graphql.requests.faults import presentable

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Request"]


class Request(msgspec.Struct, frozen=True, eq=False):
    """What is to be answered.

    Attributes:

        crm: the CRM.
        operation: parsed and validated.
        given: variables as the client gave them.
        variables: the same, coerced.
        actor: who asks.
        request_id: for the log and for events.
    """

    crm: Crm
    operation: Operation
    given: Mapping[str, Any]
    variables: VariableValues
    actor: Actor
    request_id: str | None

    @property
    def route(self) -> Route:
        """Which roots go to the planner and which to the executor."""
        return self.crm.schema.route(self.operation)

    def roots(self, type_: GraphQLObjectType) -> Mapping[str, list[FieldNode]]:
        """Return the selected root fields by response key, in the order of the answer."""
        selections = self.operation.definition.selection_set
        return collect(self.crm.schema.graphql, type_, selections, self.operation.fragments, self.variables)

    async def execute_root(self, key: str, root: Mapping[str, Any]) -> tuple[Any, list[GraphQLError]]:
        """Have the executor answer one root; `root` has under `key` what is known of it already.

        Returns:

            `data` with this root, None if null went up to the top; and the errors, ready to be seen.
        """
        route = self.route
        assert route.reduction is not None
        reader = Reader(self.crm, self.actor, route.reduction, self.variables, self.request_id)
        context = Context(self.crm, self.actor, self.request_id, reader)
        data, errors = await run_root(self.crm.schema, route.documents[key], root, self.given, context)
        return data, [presentable(e, self.request_id) for e in (*errors, *reader.errors)]
