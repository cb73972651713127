"""GraphQL over HTTP, bare ASGI: nothing between the socket and the CRM that a query does not need."""

from __future__ import annotations

import sys
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from crmcore.access.tokens import used
from crmcore.graphql.requests.diagnosis import check_may_see, with_diagnosis
from crmcore.graphql.requests.execute import Answer, execute
from crmcore.http.actors import actor_of, standing_of
from crmcore.http.asgi import Receive, Scope, Send, header, reply
from crmcore.http.at_once import sent_at_once
from crmcore.http.body import read_body
from crmcore.http.connections import Connections
from crmcore.http.delivery import deliver
from crmcore.http.departures import Departures
from crmcore.http.facts import Facts, facts_of
from crmcore.http.negotiation import JSON, takes_events
from crmcore.http.operation import Operation, from_body, from_query_string
from crmcore.http.refused import Refused
from crmcore.http.serving import Serving
from crmcore.http.sse import EventStream
from crmcore.http.texts import Texts
from crmcore.http.trace import Trace, trace_of
from crmcore.http.websocket import SocketEndpoint

if TYPE_CHECKING:
    from crmcore.access.actor import Actor
    from crmcore.access.standing import Standing
    from crmcore.app import Crm

__all__ = ["GraphQLEndpoint"]


class GraphQLEndpoint:
    """`/graphql`: POST with a JSON body, GET for queries (GraphQL over HTTP specification, 2025 draft), server-sent events.

    Attributes:

        connections: of subscribers.
        sockets: the same address for WebSockets.
    """

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._limit = crm.settings.http.body_limit
        self._compress_above = crm.settings.http.compress_above or sys.maxsize
        self._texts = Texts(crm.settings.graphql)
        self._departures = Departures()
        self.connections = Connections(crm)
        self._serving = Serving(crm, self._texts)
        self.sockets = SocketEndpoint(crm, self._serving, self.connections)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:

            Refused: the request is no GraphQL request; the caller turns it into an answer.
            Unauthenticated: nobody asks.
        """
        facts, trace = facts_of(scope), trace_of(scope)
        content_type = facts.content_type
        try:
            streamed = self._streamed(scope, receive) if facts.events else None
            answer = await (streamed or self._answer(scope, receive, trace, facts))
        finally:
            self._departures.leave(trace)
        if isinstance(answer, EventStream):
            await answer.serve(scope, receive, send)
            return
        trace.errors = answer.errors
        # A client that knows only application/json learns of GraphQL errors from the body (specification, 6.4.1).
        status = 200 if content_type is JSON and answer.status == 400 else answer.status
        headers = [(b"allow", b"POST")] if status == 405 else []
        body = answer.body
        if len(body) > self._compress_above or scope["method"] == "GET":
            above = self._compress_above
            await deliver(scope, send, status, body, content_type, headers, compress_above=above)
        elif headers or not sent_at_once(scope, trace, status, body, content_type):
            await reply(send, status, body, content_type, headers)

    async def _streamed(self, scope: Scope, receive: Receive) -> EventStream:
        actor = await actor_of(self._crm, scope)
        return EventStream(self._serving, self.connections, await self._asked(scope, receive), actor)

    async def _answer(self, scope: Scope, receive: Receive, trace: Trace, facts: Facts) -> Answer | EventStream:
        standing = standing_of(self._crm, scope, facts)
        actor = await actor_of(self._crm, scope) if standing is None else standing.known.actor
        try:
            asked = await self._asked(scope, receive)
        except Refused:
            if standing is not None:  # who does not count any more is told that first
                await actor_of(self._crm, scope)
            raise
        self._departures.enter(trace, receive)
        if standing is not None:
            answer = None
            if asked.query is not None and not asked.extensions and not self._texts.closed:
                answer = await self._executed(scope, asked, asked.query, actor, trace, standing)
                if standing.confirmed:
                    used(self._crm.database, self._crm.actors, standing)
                    trace.actor = actor
                    return answer
            actor = await actor_of(self._crm, scope)
            stands = standing.confirmed is None and actor == standing.known.actor
            if answer is not None and stands and answer.status != 406:
                return answer
        try:
            text = self._texts.of(asked)
        except Refused as refused:
            return Answer(refused.body, refused.status, 1)
        _record(trace, asked, actor)
        answer = await self._executed(scope, asked, text, actor, trace)
        if answer.status == 406 and takes_events(header(scope, b"accept")):
            return EventStream(self._serving, self.connections, asked, actor)
        return await self._told(asked, answer, trace) if asked.extensions else answer

    async def _told(self, asked: Operation, answer: Answer, trace: Trace) -> Answer:
        if answer.status == 200:
            self._texts.remember(asked)
        tape, trace.tape = trace.tape, None
        if tape is None and trace.handlers is None:
            return answer
        return await with_diagnosis(self._crm, answer, tape, trace.handlers)

    def _executed(
        self,
        scope: Scope,
        asked: Operation,
        text: str,
        actor: Actor,
        trace: Trace,
        standing: Standing | None = None,
    ) -> Awaitable[Answer]:
        """Answer; with a standing by one statement that also shows that the actor still counts, if that is to be had."""
        trace.operation = asked.label(text)
        return execute(
            self._crm,
            text,
            asked.variables,
            asked.operation_name,
            actor,
            trace.request_id,
            read_only=scope["method"] == "GET",
            standing=standing,
        )

    async def _asked(self, scope: Scope, receive: Receive) -> Operation:
        if scope["method"] == "GET":
            return from_query_string(scope["query_string"])
        return from_body(await read_body(scope, receive, self._limit))


def _record(trace: Trace, asked: Operation, actor: Actor) -> None:
    """Have noted what the client wants to see of how it is answered."""
    if asked.extensions and (asked.extensions.plan is True or asked.extensions.handlers is True):
        check_may_see(actor)
        trace.tape = [] if asked.extensions.plan is True else None
        trace.handlers = [] if asked.extensions.handlers is True else None
