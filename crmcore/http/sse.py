"""GraphQL over server-sent events, distinct connections mode (github.com/enisdenjo/graphql-sse, PROTOCOL.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from crmcore.access.actor import Actor
from crmcore.errors import Refusal
from crmcore.events.cursor import Cursor
from crmcore.graphql.planner.documents.document import GraphQLErrors
from crmcore.graphql.requests.answer import answer
from crmcore.graphql.subscriptions.asked import Asked
from crmcore.graphql.subscriptions.member import Member
from crmcore.http.actors import actor_of
from crmcore.http.asgi import DROP, Receive, Scope, Send, header
from crmcore.http.connections import Connections
from crmcore.http.operation import Operation
from crmcore.http.outbox import TOO_SLOW, Ending, Outbox
from crmcore.http.refused import Refused
from crmcore.http.serving import Serving
from crmcore.http.socket_operations import errors_of
from crmcore.http.trace import trace_of

__all__ = ["EventStream"]

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # nginx would keep back what is not much.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE = "event: complete\ndata:\n\n"
_OVER = Ending(1000, "complete")


class EventStream:
    """The answer to one request that takes `text/event-stream`: answers as they come.

    Args:

        serving: finds and answers operations.
        connections: of this server.
        operation: what is asked for.
        actor: who asks.
    """

    transport = "sse"

    def __init__(self, serving: Serving, connections: Connections, operation: Operation, actor: Actor) -> None:
        self._serving, self._connections = serving, connections
        self._operation, self._actor = operation, actor
        self._settings = serving.crm.settings.subscriptions
        self._outbox = Outbox(self._settings)
        self._member: Member | None = None
        self._scope: Scope = {}

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send answers until there are no more, or the client has had enough.

        Raises:

            Refused: the client has too many connections.
        """
        self._scope = scope
        self._connections.enter(self, self._actor)
        try:
            await self._begin()
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            await self._stream(receive, send)
        finally:
            self._connections.leave(self)
            if self._member is not None:
                self._serving.crm.audiences.end(self._member)

    async def identify(self) -> Actor:
        """See `Door`."""
        return await actor_of(self._serving.crm, self._scope)

    def known_as(self, actor: Actor) -> None:
        """See `Door`."""
        if self._member is not None:
            self._serving.crm.audiences.reconsider(self._member, actor)

    def expel(self) -> None:
        """See `Door`."""
        # The client comes back, and learns from the status then what is the matter.
        self._outbox.end(Ending(4401, "Unauthorized"))

    def next(self, payload: str, cursor: Cursor | None) -> None:
        """See `Sink`."""
        place = "" if cursor is None else f"id: {cursor}\n"
        self._outbox.put(f"event: next\n{place}data: {_one_line(payload)}\n\n")

    async def room(self) -> None:
        """See `Sink`."""
        await self._outbox.room()

    def interrupted(self, reason: str) -> None:
        """See `Sink`."""
        self._outbox.end(Ending(1012, reason))

    def refused(self, error: Exception) -> None:
        """See `Sink`."""
        self.next(answer(None, errors_of(error, None), 400).body.decode(), None)
        self.complete()

    def complete(self) -> None:
        """See `Sink`."""
        self._outbox.put(_COMPLETE)
        self._outbox.end(_OVER)

    async def _begin(self) -> None:
        trace = trace_of(self._scope)
        try:
            text, checked = self._serving.find(self._operation, self._actor)
            asked = self._serving.subscription(
                self._operation, checked, self._actor, trace.request_id, header(self._scope, b"last-event-id")
            )
        except (GraphQLErrors, Refused, Refusal) as error:
            self.refused(error)
            return
        trace.operation = self._operation.label(text)
        if asked is None:
            read_only = self._scope["method"] == "GET"
            answered = await self._serving.answer(
                text, self._operation, self._actor, trace.request_id, read_only=read_only
            )
            self.next(answered.body.decode(), None)
            self.complete()
        else:
            self._follow(asked)

    def _follow(self, asked: Asked) -> None:
        self._member = self._serving.crm.audiences.begin(asked, self)

    async def _stream(self, receive: Receive, send: Send) -> None:
        writing = asyncio.ensure_future(self._write(send))
        leaving = asyncio.ensure_future(_gone(receive))
        self._outbox.when_cut_off = writing.cancel
        try:
            await asyncio.wait([writing, leaving], return_when=asyncio.FIRST_COMPLETED)
            left = leaving.done()
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.wait([writing, leaving])
        if self._outbox.ending is TOO_SLOW:
            self._connections.cut_off += 1
            drop: Callable[[], object] | None = self._scope.get(DROP)
            if drop is not None:
                drop()
                await asyncio.sleep(0)  # then the server knows that the answer is over
        elif not left:
            await send({"type": "http.response.body", "body": b""})

    async def _write(self, send: Send) -> None:
        while True:
            text: str | None = ":\n\n"
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.keep_alive):
                    text = await self._outbox.next()
            if text is None:
                return
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _one_line(payload: str) -> str:
    """Return an answer for one field `data`: a line end between values, where JSON columns may have some, ends no value."""
    return payload.replace("\r", " ").replace("\n", " ")
