"""What the API tells of itself: for those who may know, and made once for all of them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from graphql import GraphQLError, execute_sync

from crmcore.access.actor import Actor
from crmcore.access.permissions import INTROSPECT
from crmcore.errors import Forbidden
from crmcore.graphql.requests.answer import to_json
from crmcore.graphql.requests.request import Request

__all__ = ["introspected", "uninformed"]


def uninformed(actor: Actor) -> Forbidden:
    """Return the refusal of somebody who may not ask for the schema."""
    msg = (
        f"{actor.label} lacks the permission {INTROSPECT}, without which the API does not tell of itself; "
        "an administrator can give a role that has it, and `crm schema` prints the schema on the server."
    )
    return Forbidden(msg)


async def introspected(request: Request, key: str) -> tuple[Any, list[GraphQLError]]:
    """Answer one `__schema` or `__type`.

    The whole schema takes the executor most of a second. That is done in a thread, so that other requests are answered
    meanwhile, and once for an operation: the schema is the same for everybody.

    Returns:

        `data` with this root, its value as JSON text; and no errors: a valid introspection has none.
    """
    known = request.crm.schema.introspected
    place = request.operation, key, to_json(request.given)
    text = known.get(place)
    if text is None:
        text = await asyncio.to_thread(_text, request, key)
        known.put(place, text)
    return {key: msgspec.Raw(text)}, []


def _text(request: Request, key: str) -> bytes:
    document = request.route.documents[key]
    result = execute_sync(request.crm.schema.graphql, document, variable_values=dict(request.given))
    assert result.data is not None, result.errors
    return to_json(result.data[key])
