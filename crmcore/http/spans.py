"""A request as OpenTelemetry's span, by its conventions for HTTP servers (semantic conventions 1.33, stable)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore import tracing
from crmcore.http.asgi import Scope, header
from crmcore.http.trace import Trace

if TYPE_CHECKING:
    from crmcore.spans import Spans

__all__ = ["RequestSpan", "request_span"]

#: Asked by machines every few seconds; nothing but such traces would be left.
_PROBES = frozenset({"/health", "/ready", "/metrics"})

#: Other words are no methods, and anybody can send any number of them.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def request_span(scope: Scope, trace: Trace) -> RequestSpan | None:
    """Begin the span of a request; None if nobody collects spans, or if it only asks how the server is."""
    if tracing.SPANS is None or scope["path"] in _PROBES:
        return None
    return RequestSpan(tracing.SPANS, scope, trace)


class RequestSpan:
    """The span of one request, open until `end`: part of the client's trace if `traceparent` tells of one.

    It says what the log says of a request: no query string, which may hold what a person typed, and no variables.

    Args:

        spans: what makes it.
        scope: the request's.
        trace: what is known of it; looked at again at the end.
    """

    def __init__(self, spans: Spans, scope: Scope, trace: Trace) -> None:
        self._scope, self._trace = scope, trace
        self._method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        attributes = {
            "http.request.method": self._method,
            "url.path": scope["path"],
            "url.scheme": scope.get("scheme", "http"),
            "crm.request_id": trace.request_id,
        }
        if scope.get("client"):
            attributes["client.address"] = scope["client"][0]
        if agent := header(scope, b"user-agent"):
            attributes["user_agent.original"] = agent
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._open = spans.served(self._method, headers, attributes)

    def end(self) -> None:
        """End it with how the request ended."""
        trace, span = self._trace, self._open.span
        # Litestar says which route it took; a path that leads nowhere is no name, for there are any number of those.
        route = "/graphql" if self._scope["path"] == "/graphql" else self._scope.get("path_template")
        if route:
            span.update_name(f"{self._method} {route}")
            span.set_attribute("http.route", route)
        for name, value in (
            ("http.response.status_code", trace.status),
            ("graphql.operation.name", trace.operation),
            ("crm.actor", trace.actor and trace.actor.id),
            ("crm.errors", trace.errors),
            ("crm.incident", trace.incident),
        ):
            if value:
                span.set_attribute(name, value)
        if trace.status >= 500 or trace.status == 0:
            self._open.fail(str(trace.status or "no answer"))
        self._open.end()
