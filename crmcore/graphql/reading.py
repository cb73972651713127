"""Queries: the planner's text as it is, or merged with what the executor answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from graphql import GraphQLError

from crmcore.graphql.answer import object_text, to_json
from crmcore.graphql.faults import presentable
from crmcore.graphql.plain.run import place_errors
from crmcore.graphql.request import Request

__all__ = ["read"]

_Texts = Mapping[str, str | bytes]


async def read(request: Request) -> tuple[str | bytes | None, list[GraphQLError]]:
    """Answer a query.

    Returns:

        The JSON text of `data`, None for null; and the errors, ready to be seen.
    """
    route = request.route
    planned, errors = await _planned(request)
    if not route.executed or planned is None:
        return planned, errors
    texts, own = _apart(planned)
    answered = await asyncio.gather(*(_executed(request, key, texts, errors) for key in route.executed))
    kept = [e for e in errors if not e.path or e.path[0] not in route.executed]
    for _, more in answered:
        kept.extend(more)
    found = {key: text for data, _ in answered for key, text in (data or {}).items()}
    if any(data is None for data, _ in answered):
        return None, kept
    del own
    schema = request.crm.schema.graphql
    assert schema.query_type is not None
    return object_text({key: found.get(key, texts.get(key, b"null")) for key in request.roots(schema.query_type)}), kept
