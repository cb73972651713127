"""A job: one function that may be put into the table of jobs, to be run later, at least once, by any process."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec

from crmcore.jobs.arguments import Arguments
from crmcore.jobs.rate import spacing_of

if TYPE_CHECKING:
    from crmcore.jobs.run import Run

__all__ = ["Call", "Job", "job"]

P = ParamSpec("P")


@dataclass(frozen=True)
class Job(Generic[P]):
    """A function of a `Run` that workers call; made by `job`. Calling it gives a `Call`, which is put.

    Attributes:

        function: what it does.
        retries: how often it is tried again after a failure, before it is dead.
        timeout: seconds one attempt may take.
        priority: greater first.
        at_once: how many run at once, among all processes; None for any number.
        per: names of the parameters whose values make a lane; the limits hold in each lane.
        rate: how many start in a second, minute, hour or day (`100/m`).
        ordered: one after the other in the order they were put.
        called: the name after the plugin's, if it is not the function's.
        plugin: who gives it; the host fills it in.
    """

    function: Callable[Concatenate[Run, P], Awaitable[None]]
    retries: int = 10
    timeout: float = 300.0
    priority: int = 0
    at_once: int | None = None
    per: tuple[str, ...] = ()
    rate: str | None = None
    ordered: bool = False
    called: str | None = None
    plugin: str = "core"

    @property
    def name(self) -> str:
        """`plugin.function`; jobs that wait are found again by it, so it should stay."""
        return f"{self.plugin}.{self.called or self.function.__name__}"

    @property
    def description(self) -> str:
        """First paragraph of the function's docstring, on one line."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    @cached_property
    def arguments(self) -> Arguments:
        """What the function takes."""
        return Arguments(self.function)

    @cached_property
    def spacing(self) -> int | None:
        """Microseconds between two starts in a lane."""
        return None if self.rate is None else spacing_of(self.rate)

    @property
    def limited(self) -> bool:
        """Whether its jobs wait for each other."""
        return self.ordered or self.at_once is not None or self.rate is not None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """Say what is to be done; nothing happens until it is put.

        Raises:

            TypeError: arguments are missing, unknown or of the wrong type.
        """
        return Call(self, self.arguments.encode(args, kwargs))


@dataclass(frozen=True)
class Call:
    """A job with its arguments, ready to be put.

    Attributes:

        job: what is to be done.
        arguments: JSON, None without arguments.
    """

    job: Job[Any]
    arguments: str | None


def job(
    *,
    retries: int = 10,
    timeout: float = 300.0,
    priority: int = 0,
    at_once: int | None = None,
    per: str | tuple[str, ...] = (),
    rate: str | None = None,
    ordered: bool = False,
    name: str | None = None,
) -> Callable[[Callable[Concatenate[Run, P], Awaitable[None]]], Job[P]]:
    """Make a function a job.

        @job(retries=5, at_once=1, per="customer_id")
        async def send_welcome(run: Run, customer_id: UUID, template: str = "hello") -> None:
            \"\"\"Greet a new customer.\"\"\"

    It may run more than once: a process can die between the effect and the note of it. `run.id` stays the same.

    Args:

        retries: how often it is tried again after a failure, before it is dead.
        timeout: seconds one attempt may take; then it is cancelled and counts as failed.
        priority: greater first; 0 is normal.
        at_once: how many run at once, among all processes; None for any number.
        per: name(s) of the parameters whose values make a lane: `at_once`, `rate` and `ordered` hold in each lane.
            Without it all jobs of this function are one lane.
        rate: how many start in a second, minute, hour or day (`5/s`, `100/m`), spaced evenly.
        ordered: one after the other in the order they were put; one that fails holds up those behind it until it
            succeeds or is dead.
        name: the name after the plugin's, if it is not the function's.

    Raises:

        ValueError: a limit that cannot be.
    """
    names = (per,) if isinstance(per, str) else per

    def decorate(function: Callable[Concatenate[Run, P], Awaitable[None]]) -> Job[P]:
        made = Job(function, retries, timeout, priority, at_once, names, rate, ordered, name)
        _check(made)
        return made

    return decorate


def _check(made: Job[Any]) -> None:
    where = f"{made.function.__module__}.{made.function.__qualname__}"
    _ = made.spacing
    if made.retries < 0 or made.timeout <= 0 or (made.at_once is not None and made.at_once < 1):
        msg = f"The job {where} has limits that cannot be; retries are 0 or more, timeout and at_once more than 0."
        raise ValueError(msg)
    if made.per and not made.limited:
        msg = f"The job {where} has lanes (per=) and no limit in them; add at_once, rate or ordered, or remove per."
        raise ValueError(msg)
    known = list(inspect.signature(made.function).parameters)[1:]
    if unknown := [name for name in made.per if name not in known]:
        msg = f"The job {where} makes lanes of {', '.join(unknown)}, which it has no parameter for; it has {', '.join(known)}."
        raise ValueError(msg)
