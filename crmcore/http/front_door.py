"""The outermost layer: every request gets an id, careful headers, an answer whatever happens, and one line in the log."""

from __future__ import annotations

import asyncio
from time import perf_counter

from crmcore import tracing
from crmcore.database.tally import TALLY
from crmcore.http.asgi import App, Message, Receive, Scope, Send, reply
from crmcore.http.body import ClientGone
from crmcore.http.failures import answer_to
from crmcore.http.headers import with_security
from crmcore.http.log import log_request
from crmcore.http.negotiation import JSON
from crmcore.http.requests import Requests
from crmcore.http.spans import request_span
from crmcore.http.trace import Trace

__all__ = ["FrontDoor"]

#: What nginx logs when the client left first; nobody receives it.
_CLIENT_GONE = 499


class FrontDoor:
    """Leads `/graphql` straight to its endpoint and everything else to Litestar.

    Litestar's own mount of a bare ASGI application costs 8 µs a request (routing, host check, copy of the scope), a
    tenth of what a whole query by id costs; so the one hot path is told apart here.
    """

    def __init__(self, graphql: App, sockets: App, others: App, requests: Requests) -> None:
        self._graphql = graphql
        self._sockets = sockets
        self._others = others
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        trace = Trace(scope)
        if scope["type"] != "http":
            await (self._sockets if _path(scope) == "/graphql" else self._others)(scope, receive, send)
            return

        async def send_careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                message["headers"] = with_security(message["headers"], trace.request_id)
            await send(message)

        operation = scope["path"] == "/graphql" or _path(scope) == "/graphql"
        token = TALLY.set(trace)
        span = None if tracing.SPANS is None else request_span(scope, trace)
        try:
            await (
                self._graphql(scope, receive, send_careful) if operation else self._others(scope, receive, send_careful)
            )
        except ClientGone:
            trace.status = _CLIENT_GONE
        except asyncio.CancelledError:
            if not trace.gone:
                raise
            trace.status = _CLIENT_GONE
        except Exception as error:  # what it becomes is decided, and logged, in one place
            if not operation:
                raise
            answer = answer_to(error, trace)
            await reply(send_careful, answer.status, answer.body, JSON, answer.headers)
        finally:
            TALLY.reset(token)
            if span is not None:
                span.end()
            seconds = perf_counter() - trace.started
            self._requests.count(trace, seconds, operation=operation)
            log_request(scope, trace, seconds)


def _path(scope: Scope) -> str:
    """Return the path below the place where this application is mounted, without a slash at its end."""
    path: str = scope["path"]
    # Starlette leaves its own part of the path there and says so (ASGI 3, root_path); Litestar takes it away and adds a slash.
    root: str = scope.get("root_path", "")
    if root and path.startswith(f"{root}/"):
        path = path.removeprefix(root)
    return path.removesuffix("/")
