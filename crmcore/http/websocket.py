"""GraphQL over WebSocket: one connection that speaks graphql-transport-ws, with every close code of that protocol."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crmcore.access import vouched
from crmcore.access.actor import Actor
from crmcore.access.authenticate import authenticate
from crmcore.access.purposes import for_purpose
from crmcore.errors import Invalid, RateLimited, Refusal, Unauthenticated
from crmcore.http import socket_messages as messages
from crmcore.http.actors import session_of, vouched_for
from crmcore.http.asgi import DROP, Receive, Scope, Send, header
from crmcore.http.connections import Connections
from crmcore.http.facts import PURPOSE
from crmcore.http.origin import refuse_cross_site
from crmcore.http.outbox import TOO_SLOW, Ending, Outbox
from crmcore.http.refused import Refused
from crmcore.http.serving import Serving
from crmcore.http.socket_operations import SocketOperations
from crmcore.http.trace import trace_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["SocketEndpoint"]

_log = logging.getLogger("crmcore.http.websocket")

#: Seconds that a client gets to take the close frame before the connection is dropped.
_FAREWELL = 5.0
#: Bytes that the reason in a close frame may have (RFC 6455, 5.5).
_LONGEST_REASON = 123

_NO_PROTOCOL = Ending(4406, "Subprotocol not acceptable")
_NOT_IN_TIME = Ending(4408, "Connection initialisation timeout")
_TWICE = Ending(4429, "Too many initialisation requests")
_NOT_BEGUN = Ending(4401, "Unauthorized")
_BROKEN = Ending(4500, "Internal server error")


class SocketEndpoint:
    """`/graphql` for WebSockets."""

    def __init__(self, crm: Crm, serving: Serving, connections: Connections) -> None:
        self._crm, self._serving, self._connections = crm, serving, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it is closed."""
        await _Socket(self._crm, self._serving, self._connections, scope, receive, send).serve()


class _Socket:
    transport = "websocket"

    def __init__(
        self,
        crm: Crm,
        serving: Serving,
        connections: Connections,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._crm, self._connections = crm, connections
        self._scope, self._receive, self._send = scope, receive, send
        self._settings = crm.settings.subscriptions
        self._outbox = Outbox(self._settings)
        self._trace = trace_of(scope)
        self._operations = SocketOperations(
            serving, self._outbox, self._settings.per_connection, self._trace.request_id
        )
        self._given: str | None = None
        self._purpose: str | None = None
        self._begun = False
        self._left = 1006

    async def serve(self) -> None:
        """Serve until either side has had enough."""
        if (await self._receive())["type"] != "websocket.connect":
            return
        if messages.PROTOCOL not in self._scope.get("subprotocols", ()):
            await self._send({"type": "websocket.accept"})
            await self._close(_NO_PROTOCOL)
            return
        await self._send({"type": "websocket.accept", "subprotocol": messages.PROTOCOL})
        reading = asyncio.ensure_future(self._read())
        writing = asyncio.ensure_future(self._write())
        # Whoever does not read would keep the writer waiting for ever.
        self._outbox.when_cut_off = writing.cancel
        waiting = asyncio.get_running_loop().call_later(self._settings.init_timeout, self._expire)
        try:
            await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            self._connections.leave(self)
            self._operations.end_all()
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait([reading, writing])
            self._note()
        if self._outbox.ending is not None:
            await self._close(self._outbox.ending)

    async def identify(self) -> Actor:
        """See `Door`."""
        authorization = self._given or header(self._scope, b"authorization")
        session = session_of(self._scope) if authorization is None else None
        if (person := vouched_for(self._scope)) is not None:
            actor = await vouched.resolve(self._crm.database, self._crm.actors, person)
        else:
            actor = await authenticate(self._crm, authorization, session)
        purpose = self._purpose or header(self._scope, PURPOSE)
        return actor if purpose is None else await for_purpose(self._crm, actor, purpose)

    def known_as(self, actor: Actor) -> None:
        """See `Door`."""
        self._operations.reconsider(actor)

    def expel(self) -> None:
        """See `Door`."""
        self._outbox.end(Ending(4401, "Unauthorized: what you signed in with does not count any more"))

    async def _read(self) -> None:
        while self._outbox.ending is None:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._left = event.get("code") or 1005
                return
            try:
                await self._take(event.get("text"))
            except messages.Malformed as problem:
                self._outbox.end(Ending(4400, str(problem)))
            except Exception:  # a bug here ends this connection; what it was stands in the log
                _log.exception("A WebSocket is closed; request %s", self._trace.request_id)
                self._outbox.end(_BROKEN)
        await asyncio.Event().wait()  # what waits is sent first

    async def _take(self, text: str | None) -> None:
        if text is None:
            raise messages.Malformed("Invalid message: messages are text, not binary")
        match messages.read(text):
            case messages.Init(payload):
                await self._begin(payload or {})
            case messages.Ping(payload):
                self._outbox.put(messages.pong(payload))
            case messages.Pong():
                pass
            case messages.Subscribe() | messages.Complete() if self._operations.actor is None:
                self._outbox.end(_NOT_BEGUN)
            case messages.Subscribe(id, operation):
                self._operations.begin(id, operation)
            case messages.Complete(id):
                self._operations.end(id)

    async def _begin(self, payload: dict[str, Any]) -> None:
        if self._begun:
            self._outbox.end(_TWICE)
            return
        self._begun = True
        self._given, self._purpose = _authorization(payload), _text(payload.get("purpose"))
        try:
            by_cookie = session_of(self._scope) or vouched_for(self._scope)
            if self._given is None and header(self._scope, b"authorization") is None and by_cookie:
                # A browser sends the cookie whichever page opens the connection.
                refuse_cross_site(self._scope)
            actor = await self.identify()
            self._connections.enter(self, actor)
        except Unauthenticated as refusal:
            self._outbox.end(Ending(4401, f"Unauthorized: {refusal.message}"))
        except Refused as refused:
            self._outbox.end(Ending(4403, f"Forbidden: {refused.message}"))
        except RateLimited as refusal:
            self._outbox.end(Ending(4431, f"Too many connections: {refusal.message}"))
        except Invalid as refusal:
            self._outbox.end(Ending(4400, refusal.message))
        except Refusal as refusal:  # the database cannot answer now
            self._outbox.end(Ending(1013, refusal.message))
        else:
            self._trace.actor = self._operations.actor = actor
            self._outbox.put(messages.ACK)

    def _expire(self) -> None:
        if not self._begun:
            self._outbox.end(_NOT_IN_TIME)

    async def _write(self) -> None:
        with suppress(OSError):  # the client is gone
            while (text := await self._outbox.next()) is not None:
                await self._send({"type": "websocket.send", "text": text})

    async def _close(self, ending: Ending) -> None:
        reason = ending.reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        drop = self._scope.get(DROP, _nothing)
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._send({"type": "websocket.close", "code": ending.code, "reason": reason})
        except TimeoutError:
            drop()
        except OSError:
            pass  # the client is gone
        else:
            if ending is TOO_SLOW:
                # The frame waits behind what the client has not read.
                asyncio.get_running_loop().call_later(_FAREWELL, drop)

    def _note(self) -> None:
        """Log the connection: one line, when it is over."""
        ending, actor = self._outbox.ending, self._trace.actor
        if ending is TOO_SLOW:
            self._connections.cut_off += 1
        _log.info(
            "WebSocket of %s closed with %d after %.1f s and %d operations; request %s",
            actor.id if actor else "nobody",
            self._left if ending is None else ending.code,
            perf_counter() - self._trace.started,
            self._operations.begun,
            self._trace.request_id,
        )


def _authorization(payload: dict[str, Any]) -> str | None:
    """Return what connection_init brings: `token`, or `authorization` as the header has it, in any case of letters."""
    given = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    token = given.get("token")
    return f"Bearer {token}" if token else given.get("authorization")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _nothing() -> None:
    """Do what a server does that cannot drop a connection."""
