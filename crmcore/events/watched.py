"""An inside-handler is watched while it runs: for the log, the figures, traces, and whoever asked who slowed a request."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING

from crmcore import tracing
from crmcore.database.tally import TALLY, Told
from crmcore.errors import Refusal
from crmcore.events.event import Event
from crmcore.jobs.figures import Figure

if TYPE_CHECKING:
    from crmcore.entities.work import Work
    from crmcore.events.handlers import Inside

__all__ = ["SLOW", "run_watched"]

_log = logging.getLogger("crmcore.events")

#: Seconds an inside-handler may hold the transaction before the log names it.
SLOW = 0.1
_LONGEST_REASON = 200


async def run_watched(handler: Inside, work: Work, event: Event, figure: Figure) -> None:
    """Run an inside-handler; a veto is no failure of it."""
    tally = TALLY.get()
    tape = None if tally is None else tally.handlers
    mark = 0 if tape is None else len(tape)
    failed: str | None = None
    started = perf_counter()
    try:
        if tracing.SPANS is None:
            await handler.run(work, event)
        else:
            with tracing.span(f"inside {handler.name}"):
                await handler.run(work, event)
    except Refusal:
        raise
    except Exception as error:
        failed = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
        raise
    finally:
        took = perf_counter() - started
        figure.add(took, failed)
        if tape is not None:
            # What it wrote had handlers too; these are told of by themselves.
            own = took - sum(told.own for told in tape[mark:])
            tape.append(Told(handler.plugin, handler.name, type(event).__name__, took, own))
        if took > SLOW:
            _log.warning(
                "Handler %s of plugin %r held the transaction for %.0f ms on %s; consider after(...) instead.",
                handler.name,
                handler.plugin,
                took * 1000,
                type(event).__name__,
            )
