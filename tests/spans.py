"""What OpenTelemetry's own SDK receives of the CRM while a block runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crmcore import tracing


class Spans:
    """What was received."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    @property
    def ended(self) -> tuple[ReadableSpan, ...]:
        """In the order they ended."""
        return self._exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        """The only one of that name."""
        (found,) = (span for span in self.ended if span.name == name)
        return found

    def below(self, parent: ReadableSpan) -> list[str]:
        """The names of a span's parts, as they began."""
        parts = [s for s in self.ended if s.parent and s.parent.span_id == parent.context.span_id]
        return [s.name for s in sorted(parts, key=lambda s: s.start_time or 0)]


@contextmanager
def received() -> Iterator[Spans]:
    """Trace everything."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    try:
        yield Spans(exporter)
    finally:
        tracing.use(None)
