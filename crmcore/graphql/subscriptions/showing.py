"""Values of a subscription's field as the texts that clients are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from crmcore.access.actor import Actor
from crmcore.entities.sealing import Reading
from crmcore.errors import Unavailable
from crmcore.graphql.mutations.projection import Failed, Projection
from crmcore.graphql.requests.answer import answer, to_json
from crmcore.graphql.requests.faults import presentable
from crmcore.graphql.requests.request import Request
from crmcore.graphql.subscriptions.asked import Asked

__all__ = ["show"]

#: How often the database may fail before an answer says so, and seconds between.
_TRIES, _PAUSE = 3, 0.5


async def show(asked: Asked, actor: Actor, values: Sequence[Any], reading: Reading | None = None) -> list[str]:
    """Return an answer, `{"data": …}` with `errors` where there are any, for each of several values.

    What they select of records is read with one statement for all of them.

    Args:

        asked: what is selected.
        actor: whose rules apply.
        values: of the field's type.
        reading: who is shown them, if not the actor alone.
    """
    first = asked.request
    request = Request(first.crm, first.operation, first.given, first.variables, actor, first.request_id)
    for left in reversed(range(_TRIES)):
        try:
            if asked.executed:
                return [await _executed(request, asked.key, value) for value in values]
            return await _projected(request, asked, values, reading)
        except Exception as error:  # what is no refusal is logged as an incident, and the next event is another try
            if not isinstance(error, Unavailable) or not left:
                told = presentable(error, request.request_id, nodes=asked.nodes, path=[asked.key])
                return [answer(None, [told]).body.decode()] * len(values)
        await asyncio.sleep(_PAUSE)
    raise AssertionError


async def _projected(request: Request, asked: Asked, values: Sequence[Any], reading: Reading | None) -> list[str]:
    projection = Projection(
        request.crm, request.actor, request.operation, request.variables, request.request_id, reading
    )
    type_ = request.crm.schema.graphql.subscription_type
    assert type_ is not None
    shown = await projection.of(
        type_.fields[asked.nodes[0].name.value].type,
        values,
        asked.nodes,
        # Beside the key stands which of the values it is: errors are told apart by that.
        [(number, asked.key) for number in range(len(values))],
    )
    errors: list[list[GraphQLError]] = [[] for _ in values]
    for error in projection.errors:
        errors[_number(error)].append(error)
    for number, value in enumerate(shown):
        if isinstance(value, Failed):
            errors[number].append(value.error)
    return [_text(request, asked.key, value, wrong) for value, wrong in zip(shown, errors, strict=True)]


def _text(request: Request, key: str, value: Any, errors: Sequence[GraphQLError]) -> str:
    data = None if isinstance(value, Failed) else to_json({key: value})
    return answer(data, [presentable(_located(error), request.request_id) for error in errors]).body.decode()


def _number(error: GraphQLError) -> int:
    assert error.path is not None
    return int(error.path[0])


def _located(error: GraphQLError) -> GraphQLError:
    """Return an error with its path as the client knows it."""
    assert error.path is not None
    return GraphQLError(
        error.message,
        nodes=error.nodes,
        path=error.path[1:],
        original_error=error.original_error,
        extensions=error.extensions,
    )


async def _executed(request: Request, key: str, value: Any) -> str:
    data, errors = await request.execute_root(key, {key: value})
    return answer(None if data is None else to_json(data), errors).body.decode()
