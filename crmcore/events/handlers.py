"""Who is told of an event: inside the transaction (and may veto), or after its commit, by a job that the commit writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from crmcore.database import ids
from crmcore.database.tasks import DONE
from crmcore.events.event import Event
from crmcore.events.watched import run_watched
from crmcore.jobs.figures import Figure, Figures
from crmcore.jobs.moment import micros
from crmcore.jobs.row import JobRow
from crmcore.jobs.states import State

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["After", "Handlers", "Inside", "after", "inside"]

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Inside:
    """A handler that runs in the transaction; what it raises undoes the transaction."""

    event: type[Event]
    run: Callable[[Work, Any], Awaitable[None]]
    plugin: str = "core"

    @property
    def name(self) -> str:
        """`plugin.function`, by which logs and figures tell of it."""
        return f"{self.plugin}.{getattr(self.run, '__qualname__', type(self.run).__qualname__)}"


@dataclass(frozen=True, slots=True)
class After:
    """A handler that a worker calls once the transaction is committed; made by `after`.

    Attributes:

        event: the class of events.
        run: gets the `Crm` and the event.
        ordered: whether it hears of one record's events one after the other.
        retries: how often it is told again after a failure, before the job is dead.
        timeout: seconds one attempt may take.
        called: the name after the plugin's, if it is not the function's.
        when: says of an event whether it is told of it at all; None is of each.
        plugin: who gives it; the host fills it in.
    """

    event: type[Event]
    run: Callable[[Crm, Any], Awaitable[None]]
    ordered: bool = False
    retries: int = 10
    timeout: float = 300.0
    called: str | None = None
    when: Callable[[Any], bool] | None = None
    plugin: str = "core"

    @property
    def name(self) -> str:
        """`plugin.function`, the name of its jobs."""
        return f"{self.plugin}.{self.called or getattr(self.run, '__qualname__', type(self.run).__qualname__)}"


def inside(event: type[E], run: Callable[[Work, E], Awaitable[None]]) -> Inside:
    """Declare a handler for the transaction: `inside(CustomerCreated, open_account)`.

    Args:

        event: the class of events; subclasses count, so `Created` means every creation.
        run: gets the `Work` and the event; raise a `Refusal` to veto.
    """
    return Inside(event, run)


def after(
    event: type[E],
    run: Callable[[Crm, E], Awaitable[None]],
    *,
    ordered: bool = False,
    retries: int = 10,
    timeout: float = 300.0,
    name: str | None = None,
    when: Callable[[E], bool] | None = None,
) -> After:
    """Declare a handler for after the commit: `after(CustomerCreated, greet)`.

    The commit writes a job for it, so it is told whatever becomes of the process: at least once, again with growing
    pauses while it fails, and if it never succeeds the job stays as dead, with the reason.

    Args:

        event: the class of events; subclasses count.
        run: gets the `Crm` and the event. It may see an event twice; `event.id` is the key.
        ordered: tell it of the events of one record one after the other, in the order they were committed; one that
            fails holds up the record's others until it succeeds or is dead.
        retries: how often it is told again after a failure.
        timeout: seconds one attempt may take.
        name: the name after the plugin's, if it is not the function's.
        when: says of an event, by nothing else, whether to tell it at all: what it says no to costs no job.
    """
    return After(event, run, ordered, retries, timeout, name, when)


class Handlers:
    """All handlers of a CRM, in the order their plugins loaded.

    Attributes:

        after: those for after the commit, by the name of their jobs.
        figures: how often those inside ran in this process, and how long that took; jobs are counted there too.
    """

    def __init__(self, declared: Iterable[Inside | After] = ()) -> None:
        every = tuple(declared)
        self.figures = Figures()
        inside = (h for h in every if isinstance(h, Inside))
        self._inside = tuple((h, self.figures.of("inside", h.plugin, h.name)) for h in inside)
        self._after = tuple(h for h in every if isinstance(h, After))
        self.after = {h.name: h for h in self._after}
        self._told: dict[type[Event], tuple[After, ...]] = {}
        self._run: dict[type[Event], tuple[tuple[Inside, Figure], ...]] = {}

    def tell_inside(self, work: Work, event: Event) -> Awaitable[None]:
        """Run the inside-handlers of an event, one after the other; the first failure ends it."""
        fitting = self._run.get(type(event))
        if fitting is None:
            fitting = self._run[type(event)] = tuple(each for each in self._inside if isinstance(event, each[0].event))
        return _told(fitting, work, event) if fitting else DONE

    def rows_after(self, event: Event) -> list[JobRow]:
        """Return the jobs that tell after-handlers of an event; one each, however many of its declarations fit."""
        told = self._told.get(type(event))
        if told is None:
            fitting = {h.name: h for h in self._after if isinstance(event, h.event)}
            told = self._told[type(event)] = tuple(fitting.values())
        return [_row(each, event) for each in told if each.when is None or each.when(event)] if told else []


async def _told(handlers: Iterable[tuple[Inside, Figure]], work: Work, event: Event) -> None:
    for handler, figure in handlers:
        await run_watched(handler, work, event, figure)


def _row(handler: After, event: Event) -> JobRow:
    name = handler.name
    row = JobRow(ids.new(), name, None, State.READY, 0, micros(event.at), event_id=event.id)
    if not handler.ordered:
        return row
    return row._replace(lane=f"{name}:{event.record_id}", at_once=1, ordered=True)
