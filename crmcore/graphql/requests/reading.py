"""Queries of which the executor answers a part: merged with what the planner reads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from graphql import GraphQLError

from crmcore.graphql.requests.answer import object_text, to_json
from crmcore.graphql.requests.answering import answer_root
from crmcore.graphql.requests.faults import presentable
from crmcore.graphql.requests.introspection import introspected
from crmcore.graphql.requests.request import Request

__all__ = ["read"]


async def read(request: Request) -> tuple[str | bytes | None, list[GraphQLError]]:
    """Answer a query that has roots for the executor.

    Returns:

        The JSON text of `data`, None for null; and the errors, ready to be seen.
    """
    route = request.route
    texts: Mapping[str, str] = {}
    errors: list[GraphQLError] = []
    if route.planned is not None:
        result = await request.crm.planner.read(
            request.crm.database.reads,
            route.planned,
            request.variables,
            request.actor,
            request_id=request.request_id,
        )
        errors = list(result.errors)
        if result.fields is None:
            return None, _shown(request, errors)
        texts = result.fields
    return await _merged(request, texts, errors)


async def _merged(
    request: Request, texts: Mapping[str, str], errors: list[GraphQLError]
) -> tuple[str | bytes | None, list[GraphQLError]]:
    type_ = request.crm.schema.graphql.query_type
    assert type_ is not None
    roots, executed = request.roots(type_), request.route.executed
    # What the planner could not read is null, and its errors say why; there is nothing to complete.
    broken = {e.path[0] for e in errors if e.path and len(e.path) == 1}
    keys = [key for key in roots if key in executed and key not in broken]
    answered = await asyncio.gather(*(_executed(request, key, texts) for key in keys))
    shown = _shown(request, errors) + [e for _, own in answered for e in own]
    if any(data is None for data, _ in answered):
        return None, shown
    completed = {key: to_json(data[key]) for key, (data, _) in zip(keys, answered, strict=True)}
    return object_text({key: completed.get(key) or texts[key] for key in roots}), shown


async def _executed(request: Request, key: str, texts: Mapping[str, str]) -> tuple[Any, list[GraphQLError]]:
    if key in request.operation.introspection:
        return await introspected(request, key)
    if key in request.route.straight:
        return await answer_root(request, key)
    root = {key: msgspec.json.decode(texts[key])} if key in texts else {}
    return await request.execute_root(key, root)


def _shown(request: Request, errors: list[GraphQLError]) -> list[GraphQLError]:
    return [presentable(e, request.request_id) for e in errors]
