"""Who is told of an event: inside the transaction (and may veto), or after its commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from crmcore.events.event import Event

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["After", "Handlers", "Inside", "after", "inside"]

logger = logging.getLogger("crmcore.events")

#: Seconds an inside-handler may hold the transaction before the log names it.
SLOW = 0.1

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Inside:
    """A handler that runs in the transaction; what it raises undoes the transaction."""

    event: type[Event]
    run: Callable[[Work, Any], Awaitable[None]]
    plugin: str = "core"


@dataclass(frozen=True, slots=True)
class After:
    """A handler that runs once the transaction is committed; what it raises is logged and harms nobody else."""

    event: type[Event]
    run: Callable[[Crm, Any], Awaitable[None]]
    plugin: str = "core"


def inside(event: type[E], run: Callable[[Work, E], Awaitable[None]]) -> Inside:
    """Declare a handler for the transaction: `inside(CustomerCreated, open_account)`.

    Args:

        event: the class of events; subclasses count, so `Created` means every creation.
        run: gets the `Work` and the event; raise a `Refusal` to veto.
    """
    return Inside(event, run)


def after(event: type[E], run: Callable[[Crm, E], Awaitable[None]]) -> After:
    """Declare a handler for after the commit: `after(CustomerCreated, greet)`.

    Args:

        event: the class of events; subclasses count.
        run: gets the `Crm` and the event. It may see an event twice; `event.id` is the key.
    """
    return After(event, run)


class Handlers:
    """All handlers of a CRM, in the order their plugins loaded."""

    def __init__(self, declared: Iterable[Inside | After] = ()) -> None:
        every = tuple(declared)
        self._inside = tuple(h for h in every if isinstance(h, Inside))
        self._after = tuple(h for h in every if isinstance(h, After))

    async def tell_inside(self, work: Work, event: Event) -> None:
        """Run the inside-handlers of an event, one after the other; the first failure ends it."""
        for handler in self._inside:
            if isinstance(event, handler.event):
                started = time.perf_counter()
                await handler.run(work, event)
                if (took := time.perf_counter() - started) > SLOW:
                    logger.warning(
                        "Handler %s of plugin %r held the transaction for %.0f ms on %s; consider after(...) instead.",
                        getattr(handler.run, "__qualname__", handler.run),
                        handler.plugin,
                        took * 1000,
                        type(event).__name__,
                    )

    async def tell_after(self, crm: Crm, event: Event) -> None:
        """Run the after-handlers of an event; a failure is logged with the plugin's name and the next one runs."""
        for handler in self._after:
            if isinstance(event, handler.event):
                try:
                    await handler.run(crm, event)
                except (
                    Exception
                ):  # one plugin's failure must not reach another, nor the caller whose change is committed
                    logger.exception(
                        "After-handler %s of plugin %r failed on %s %s.",
                        getattr(handler.run, "__qualname__", handler.run),
                        handler.plugin,
                        type(event).__name__,
                        event.id,
                    )

    def anyone_after(self, event: Event) -> bool:
        """Say whether an event has after-handlers."""
        return any(isinstance(event, h.event) for h in self._after)
