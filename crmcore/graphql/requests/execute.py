"""From a client's text and variables to the bytes of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationType

from crmcore.access.actor import Actor
from crmcore.access.permissions import INTROSPECT
from crmcore.access.standing import Standing, Unconfirmed
from crmcore.graphql.mutations.writing import write
from crmcore.graphql.planner.documents.document import GraphQLErrors
from crmcore.graphql.requests.answer import Answer, answer, to_json
from crmcore.graphql.requests.faults import presentable
from crmcore.graphql.requests.introspection import uninformed
from crmcore.graphql.requests.reading import read
from crmcore.graphql.requests.request import Request
from crmcore.graphql.types.problem import as_error

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Answer", "execute"]

_STREAMED = (
    "A subscription has many answers: send it with Accept: text/event-stream, or over a WebSocket that speaks "
    "graphql-transport-ws; programs in this process use Crm.subscribe."
)


async def execute(
    crm: Crm,
    text: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    actor: Actor,
    request_id: str | None = None,
    *,
    read_only: bool = False,
    standing: Standing | None = None,
) -> Answer:
    """Answer a GraphQL request; whatever is wrong with it stands in the answer, nothing is raised.

    Args:

        crm: a CRM that runs.
        text: the document.
        variables: JSON values by name.
        operation_name: which operation of the document; needed when it has several.
        actor: who asks.
        request_id: for the log and for events.
        read_only: refuse mutations before anything runs, as HTTP demands of GET.
        standing: of the actor, where they are only known from before. Nothing but one statement that reads is run on that
            ground, or one transaction committed, and unless that confirms the standing, the caller looks the actor up: if
            `confirmed` is False this is no answer, if it is None it is the answer for that same actor.
    """
    try:
        informed = actor.access.may(INTROSPECT)
        operation = crm.documents.get(text, operation_name, limits=crm.tiers.of(actor.access), suggestions=informed)
        if operation.introspection and not informed:
            return answer(None, [as_error(uninformed(actor))], 400)
        if operation.definition.operation is OperationType.SUBSCRIPTION:
            return answer(None, [GraphQLError(_STREAMED)], 406)
        mutates = operation.definition.operation is OperationType.MUTATION
        planned = not mutates and not crm.schema.route(operation).executed
        if mutates and read_only:
            return answer(None, [GraphQLError("A mutation needs POST; GET is for queries.")], 405)
        if standing is not None and not (planned or mutates):
            return _unconfirmed(standing)
        coerced = crm.planner.coerce(operation, variables or {}, suggestions=informed)
    except GraphQLErrors as refused:
        return answer(None, refused.errors, 400)
    try:
        if planned:
            # Called from here, since each coroutine between the socket and the database is a hundredth of a query by id.
            result = await crm.planner.read(
                crm.database.reads, operation, coerced, actor, standing=standing, request_id=request_id
            )
            errors = [presentable(e, request_id) for e in result.errors] if result.errors else []
            return answer(result.json, errors)
        request = Request(crm, operation, variables or {}, coerced, actor, request_id)
        if mutates:
            data, errors = await write(request, standing)
            return answer(None if data is None else to_json(data), errors)
        return answer(*await read(request))
    except Unconfirmed:
        assert standing is not None, "nobody else has it confirmed"
        return _unconfirmed(standing)
    except Exception as error:  # logged; the client learns the incident's number
        shown = presentable(error, request_id)
        internal = (shown.extensions or {}).get("code") == "INTERNAL"
        return answer(None, [shown], 500 if internal else 200)


def _unconfirmed(standing: Standing) -> Answer:
    standing.confirmed = False
    return Answer(b"", 500)
