"""The operations that run on one WebSocket, by the ids the client gave them."""

from __future__ import annotations

import asyncio
import logging

from graphql import GraphQLError

from crmcore.access.actor import Actor
from crmcore.errors import RateLimited, Refusal
from crmcore.events.cursor import Cursor
from crmcore.graphql.planner.documents.document import GraphQLErrors
from crmcore.graphql.requests.faults import presentable
from crmcore.graphql.subscriptions.member import Member
from crmcore.graphql.types.problem import as_error
from crmcore.http import socket_messages as messages
from crmcore.http.operation import Operation
from crmcore.http.outbox import Ending, Outbox
from crmcore.http.refused import Refused
from crmcore.http.serving import Serving

__all__ = ["SocketOperations"]

logger = logging.getLogger("crmcore.http.websocket")

_Running = Member | asyncio.Task[None]


class SocketOperations:
    """What one client has running.

    Args:

        serving: finds and answers operations.
        outbox: where messages go.
        most: operations that may run at a time.
        request_id: the connection's.

    Attributes:

        actor: who is at the other end; None before that is known.
        begun: how many operations there were.
    """

    def __init__(self, serving: Serving, outbox: Outbox, most: int, request_id: str) -> None:
        self._serving, self._outbox, self._most, self._request_id = serving, outbox, most, request_id
        self._running: dict[str, _Running] = {}
        self.actor: Actor | None = None
        self.begun = 0

    def begin(self, id: str, operation: Operation) -> None:
        """Begin an operation; whatever is wrong with it is told to the client."""
        if id in self._running:
            self._outbox.end(Ending(4409, f"Subscriber for {id} already exists"))
            return
        self.begun += 1
        try:
            self._begin(id, operation)
        except Exception as error:  # what is no refusal is logged as an incident
            self._outbox.put(messages.error(id, errors_of(error, self._request_id)))

    def end(self, id: str) -> None:
        """End an operation; one that has ended already is fine."""
        running = self._running.pop(id, None)
        if isinstance(running, Member):
            self._serving.crm.audiences.end(running)
        elif running is not None:
            running.cancel()

    def end_all(self) -> None:
        """End them all."""
        for id in list(self._running):
            self.end(id)

    def reconsider(self, actor: Actor) -> None:
        """Go by the rights that the client has now."""
        self.actor = actor
        for running in list(self._running.values()):
            if isinstance(running, Member):
                self._serving.crm.audiences.reconsider(running, actor)

    def _begin(self, id: str, operation: Operation) -> None:
        if len(self._running) >= self._most:
            msg = f"This connection has {self._most} operations running, as many as it may; end some."
            raise RateLimited(msg)
        actor = self.actor
        assert actor is not None
        text, checked = self._serving.find(operation, actor)
        asked = self._serving.subscription(operation, checked, actor, self._request_id)
        if asked is None:
            self._running[id] = asyncio.ensure_future(self._answer(id, text, operation, actor))
        else:
            self._running[id] = self._serving.crm.audiences.begin(asked, _Answers(id, self, self._outbox))

    async def _answer(self, id: str, text: str, operation: Operation, actor: Actor) -> None:
        answer = await self._serving.answer(text, operation, actor, self._request_id)
        self._outbox.put(f"{messages.next_head(id)}{answer.body.decode()}}}")
        self._outbox.put(messages.complete(id))
        self._running.pop(id, None)

    def ended(self, id: str, message: str) -> None:
        """End an operation and tell the client why."""
        self._outbox.put(message)
        self.end(id)


class _Answers:
    """See `crmcore.graphql.subscriptions.member.Sink`."""

    def __init__(self, id: str, operations: SocketOperations, outbox: Outbox) -> None:
        self._id, self._operations, self._outbox = id, operations, outbox
        self._head = messages.next_head(id)

    def next(self, payload: str, cursor: Cursor | None) -> None:  # noqa: ARG002 - the answer has it where it was asked for
        self._outbox.put(f"{self._head}{payload}}}")

    async def room(self) -> None:
        await self._outbox.room()

    def interrupted(self, reason: str) -> None:
        self._outbox.end(Ending(1012, reason))

    def refused(self, error: Exception) -> None:
        self._operations.ended(self._id, messages.error(self._id, errors_of(error, None)))

    def complete(self) -> None:
        self._operations.ended(self._id, messages.complete(self._id))


def errors_of(error: Exception, request_id: str | None) -> list[GraphQLError]:
    """Return what to tell a client whose operation cannot run."""
    match error:
        case GraphQLErrors():
            return error.errors
        case Refused():
            return [GraphQLError(error.message, extensions={"code": error.code})]
        case Refusal():
            return [as_error(error)]
    return [presentable(error, request_id)]
