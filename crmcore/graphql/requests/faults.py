"""What clients see of an exception: a refusal as it is, anything else as an incident that only the log explains."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from graphql import GraphQLError

from crmcore.errors import Refusal
from crmcore.graphql.planner.documents.document import GraphQLErrors
from crmcore.graphql.types.problem import as_error

__all__ = ["below", "presentable"]

_log = logging.getLogger("crmcore.graphql")


def presentable(error: Exception, request_id: str | None, **where: Any) -> GraphQLError:
    """Return the GraphQL error to show for an exception.

    Args:

        error: what was raised; of a `GraphQLError` that wraps another exception, the other one decides.
        request_id: for the log.
        where: `nodes` and `path`, if `error` does not know them.
    """
    if isinstance(error, GraphQLErrors):
        return below(error.errors[0], where.get("path") or ())
    if isinstance(error, GraphQLError):
        cause = error.original_error
        if cause is None or isinstance(cause, GraphQLError):
            return error
        return presentable(cause, request_id, nodes=error.nodes, path=error.path)
    if isinstance(error, Refusal):
        return as_error(error, **where)
    incident = token_hex(8)
    _log.error("Incident %s in request %s", incident, request_id, exc_info=error)
    return GraphQLError("Internal error.", extensions={"code": "INTERNAL", "incident": incident}, **where)


def below(error: GraphQLError, path: Sequence[str | int]) -> GraphQLError:
    """Return an error of something read for a place of the answer, with its path from the top."""
    return GraphQLError(
        error.message, nodes=error.nodes, path=[*path, *(error.path or ())], extensions=error.extensions
    )
