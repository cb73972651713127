"""OpenTelemetry traces, for those who collect them; for everybody else one look at a name that is None.

Nothing of OpenTelemetry is imported unless the process has: a tracer provider is set by `opentelemetry-instrument` or by
the program that embeds the CRM, and both have imported it by then.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

    from crmcore.spans import Spans

__all__ = ["Attributes", "Kind", "carried", "find", "headers", "past", "span", "use"]

Attributes = Mapping[str, str | int | float | bool]
Kind = Literal["internal", "server", "client", "producer", "consumer"]

#: What makes spans, None as long as nobody collects them. Hot paths look here before they call anything.
SPANS: Spans | None = None

_NOTHING = nullcontext()


def find() -> None:
    """Make spans from now on if the process has a tracer provider; `Crm.start` asks."""
    if SPANS is None and "opentelemetry.trace" in sys.modules:
        from opentelemetry.trace import get_tracer_provider

        use(get_tracer_provider())


def use(provider: TracerProvider | None) -> None:
    """Make spans by a certain provider, or none at all.

    Args:

        provider: one that makes no spans (the API's own, or an SDK that is disabled) counts as None.
    """
    global SPANS
    if provider is None:
        SPANS = None
        return
    # Heavy: OpenTelemetry's API, which whoever has a provider has imported already.
    from crmcore.spans import spans_of

    SPANS = spans_of(provider)


def span(
    name: str, attributes: Attributes | None = None, *, kind: Kind = "internal", parent: str | None = None
) -> AbstractContextManager[None]:
    """Make the block a span; everything that is traced in it becomes a part of that.

    An exception makes it a failed one and is named by its class; its text stays out, because it may tell of people.

    Args:

        name: few different ones: no ids, nothing of people.
        attributes: what else there is to know.
        kind: as OpenTelemetry tells spans apart.
        parent: what `carried` gave when that was stored which the block does; None is whatever span is open here.
    """
    return _NOTHING if SPANS is None else SPANS.span(name, attributes, kind, parent)


def past(name: str, started: float) -> None:
    """Make a span of something short that has just ended well; outside of another span it is not worth one.

    Args:

        name: as for `span`.
        started: what `perf_counter` said when it began.
    """
    if SPANS is not None:
        SPANS.past(name, perf_counter() - started)


def carried() -> str | None:
    """Return the open span as a W3C `traceparent`, to be stored with what is to be done later; None if there is none."""
    return None if SPANS is None else SPANS.carried()


def headers() -> dict[str, str]:
    """Return the HTTP headers by which another server's spans become a part of the open span."""
    traceparent = carried()
    return {"traceparent": traceparent} if traceparent else {}
