"""Making OpenTelemetry's spans; imported only where somebody collects them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from time import time_ns

from opentelemetry.context import Context, attach, detach
from opentelemetry.propagate import extract
from opentelemetry.trace import (
    NoOpTracer,
    ProxyTracer,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    TracerProvider,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from crmcore.errors import Refusal
from crmcore.tracing import Attributes, Kind

__all__ = ["Open", "Spans", "failed", "spans_of"]

_KINDS = {kind.name.lower(): kind for kind in SpanKind}
_W3C = TraceContextTextMapPropagator()


def spans_of(provider: TracerProvider) -> Spans | None:
    """Return what makes spans by a provider, None if that makes none."""
    tracer = provider.get_tracer("crmcore", version("crmcore"))
    return None if isinstance(tracer, NoOpTracer | ProxyTracer) else Spans(tracer)


class Open:
    """A span that is the current one until it is ended, in the same task.

    Attributes:

        span: OpenTelemetry's.
    """

    __slots__ = ("_token", "span")

    def __init__(self, span: Span, context: Context | None) -> None:
        self.span = span
        self._token = attach(set_span_in_context(span, context))

    def fail(self, type: str) -> None:
        """Mark it as failed.

        Args:

            type: what went wrong, one of few words.
        """
        self.span.set_attribute("error.type", type)
        self.span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """End it."""
        detach(self._token)
        self.span.end()


class Spans:
    """Makes spans with one tracer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, name: str, attributes: Attributes | None, kind: Kind, parent: str | None) -> Iterator[None]:
        """Make a block a span; see `tracing.span`."""
        context = None if parent is None else _W3C.extract({"traceparent": parent}, Context())
        opened = Open(self._tracer.start_span(name, context, _KINDS[kind], attributes), context)
        try:
            yield
        except BaseException as error:
            failed(opened.span, error)
            raise
        finally:
            opened.end()

    def served(self, name: str, headers: Mapping[str, str], attributes: Attributes) -> Open:
        """Begin the span of a request, as a part of the client's span if its headers tell of one."""
        context = extract(headers)
        return Open(self._tracer.start_span(name, context, SpanKind.SERVER, attributes), context)

    def past(
        self,
        name: str,
        seconds: float,
        attributes: Attributes | None = None,
        kind: Kind = "internal",
        failure: BaseException | None = None,
    ) -> None:
        """Make a span of something that took so many seconds and has just ended, as a part of the open span.

        Without an open one there is none: a worker that looks for work every second would be nothing but such traces.
        """
        if get_current_span().is_recording():
            end = time_ns()
            start = end - int(seconds * 1e9)
            span = self._tracer.start_span(name, None, _KINDS[kind], attributes, start_time=start)
            if failure is not None:
                failed(span, failure)
            span.end(end)

    def carried(self) -> str | None:
        """Return the open span as a W3C `traceparent` (trace-context-1, 3.2), None if there is none."""
        open_ = get_current_span().get_span_context()
        if not open_.is_valid:
            return None
        return f"00-{open_.trace_id:032x}-{open_.span_id:016x}-{open_.trace_flags & 1:02x}"


def failed(span: Span, error: BaseException) -> None:
    """Name what ended a span; a refusal is an answer and no failure."""
    span.set_attribute("error.type", type(error).__qualname__)
    if not isinstance(error, Refusal):
        span.set_status(StatusCode.ERROR)
