"""Roots that are a function of the request, answered without graphql-core's executor."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLNonNull

from crmcore.graphql.mutations.projection import Failed, Projection
from crmcore.graphql.planner.arguments.whole import argument_values
from crmcore.graphql.requests.faults import presentable
from crmcore.graphql.requests.request import Request
from crmcore.graphql.requests.straight import straight

__all__ = ["answer_root"]


async def answer_root(request: Request, key: str) -> tuple[Any, list[GraphQLError]]:
    """Answer a root of a query.

    Returns:

        `data` with it, None if null went up to the top; and the errors, ready to be seen.
    """
    query = request.crm.schema.graphql.query_type
    assert query is not None
    nodes = request.roots(query)[key]
    field = query.fields[nodes[0].name.value]
    projection = Projection(request.crm, request.actor, request.operation, request.variables, request.request_id)
    try:
        shown = await _shown(request, field, key, nodes, projection)
        errors: list[Exception] = [*projection.errors]
    except Exception as error:  # a refusal is told as it is; of anything else the log has more than the client
        shown, errors = None, [error]
    told = [presentable(error, request.request_id, nodes=nodes, path=[key]) for error in errors]
    return (None if shown is None and isinstance(field.type, GraphQLNonNull) else {key: shown}), told


async def _shown(
    request: Request, field: GraphQLField, key: str, nodes: list[FieldNode], projection: Projection
) -> Any:
    behind = straight(field.extensions["strawberry-definition"])
    assert behind is not None
    given = argument_values(field, nodes[0], request.variables)
    asked = (*nodes, *request.operation.fragments.values())
    value = await behind.give(request.crm, request.actor, request.request_id, asked, given)
    (shown,) = await projection.of(field.type, [value], nodes, [(key,)])
    if isinstance(shown, Failed):
        raise shown.error
    return shown
