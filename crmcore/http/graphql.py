"""GraphQL over HTTP, bare ASGI: nothing between the socket and the CRM that a query does not need."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crmcore.graphql.diagnosis import check_may_see, with_plan
from crmcore.graphql.execute import Answer, execute
from crmcore.http.actors import actor_of
from crmcore.http.asgi import Receive, Scope, Send, header, reply
from crmcore.http.body import read_body
from crmcore.http.delivery import deliver
from crmcore.http.departures import Departures
from crmcore.http.negotiation import JSON, answer_type, require_json
from crmcore.http.operation import Operation, from_body, from_query_string
from crmcore.http.refused import Refused
from crmcore.http.texts import Texts
from crmcore.http.trace import trace_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["GraphQLEndpoint"]


class GraphQLEndpoint:
    """`/graphql`: POST with a JSON body, GET for queries (GraphQL over HTTP specification, 2025 draft)."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._limit = crm.settings.http.body_limit
        self._compress_above = crm.settings.http.compress_above or sys.maxsize
        self._texts = Texts(crm.settings.graphql)
        self._departures = Departures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:

            Refused: the request is no GraphQL request; the caller turns it into an answer.
            Unauthenticated: nobody asks.
        """
        content_type = answer_type(header(scope, b"accept"))
        answer = await self._answer(scope, receive)
        # A client that knows only application/json learns of GraphQL errors from the body (specification, 6.4.1).
        status = 200 if content_type is JSON and answer.status == 400 else answer.status
        headers = [(b"allow", b"POST")] if status == 405 else []
        body = answer.body
        if len(body) > self._compress_above or scope["method"] == "GET":
            above = self._compress_above
            await deliver(scope, send, status, body, content_type, headers, compress_above=above)
        else:
            await reply(send, status, body, content_type, headers)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        trace = trace_of(scope)
        method = scope["method"]
        if method == "POST":
            require_json(header(scope, b"content-type"))
        elif method != "GET":
            message = f"/graphql takes POST and, for queries, GET; not {method[:20]}."
            raise Refused(405, "METHOD_NOT_ALLOWED", message, [(b"allow", b"GET, POST")])
        actor = await actor_of(self._crm, scope)
        asked = await self._asked(scope, receive)
        try:
            text = self._texts.of(asked)
        except Refused as refused:
            return Answer(refused.body, refused.status, 1)
        trace.operation = asked.label(text)
        if asked.extensions and asked.extensions.plan is True:
            check_may_see(actor)
            trace.tape = []
        self._departures.enter(trace, receive)
        try:
            answer = await execute(
                self._crm,
                text,
                asked.variables,
                asked.operation_name,
                actor,
                trace.request_id,
                read_only=method == "GET",
            )
        finally:
            self._departures.leave(trace)
        if asked.extensions and answer.status == 200:
            self._texts.remember(asked)
        trace.errors = answer.errors
        tape, trace.tape = trace.tape, None
        return answer if tape is None else await with_plan(self._crm, answer, tape)

    async def _asked(self, scope: Scope, receive: Receive) -> Operation:
        if scope["method"] == "GET":
            return from_query_string(scope["query_string"])
        return from_body(await read_body(scope, receive, self._limit))
