"""The roots that the executor answers: with plain resolvers, and around what the planner has read for them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, execute

from crmcore.graphql.requests.context import Context
from crmcore.graphql.schema.schema import CrmSchema

__all__ = ["run_root"]


async def run_root(
    schema: CrmSchema, document: DocumentNode, root: Mapping[str, Any], variables: Mapping[str, Any], context: Context
) -> tuple[Any, list[GraphQLError]]:
    """Execute a document that was cut to one root.

    Args:

        schema: the schema.
        document: valid.
        root: values of planned roots by response key, as the planner read them.
        variables: as the client gave them.
        context: for the resolvers.

    Returns:

        `data`, JSON values by response key, None if null went up to the top; and the errors.
    """
    result = execute(
        schema.graphql,
        document,
        root_value=root,
        context_value=context,
        variable_values=dict(variables),
        executor_class=schema.execution_context_class,
    )
    done = await result if inspect.isawaitable(result) else result
    return done.data, list(done.errors or ())
