"""How often each handler and job of this process ran, how long that took, and what went wrong with it last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from crmcore import clock
from crmcore.metrics import Histogram

__all__ = ["Figure", "Figures", "Kind", "News"]

#: An inside-handler runs in somebody's transaction; after-handlers are jobs too.
Kind = Literal["inside", "job"]


class News(NamedTuple):
    """What a figure has gained: runs, failures, seconds of all and of the slowest run, and the last failure."""

    kind: Kind
    plugin: str
    name: str
    runs: int
    failures: int
    seconds: float
    slowest: float
    error: str | None


@dataclass(slots=True)
class Figure:
    """What is known of one handler or job since this process began.

    Attributes:

        kind: inside-handler, or job.
        plugin: who gives it.
        name: `plugin.function`.
        failures: runs that ended with an exception that was not a refusal, or out of time.
        times: how many runs took how long, seconds.
        slowest: seconds, since the figures were last written down.
        error: the last failure, as class and message.
        failed_at: when that was.
    """

    kind: Kind
    plugin: str
    name: str
    failures: int = 0
    times: Histogram = field(default_factory=Histogram)
    slowest: float = 0.0
    error: str | None = None
    failed_at: datetime | None = None

    _told: tuple[int, int, float] = (0, 0, 0.0)

    @property
    def runs(self) -> int:
        """How often it ran."""
        return sum(self.times.buckets)

    def news(self) -> News:
        """Return what is not written down yet."""
        runs, failures, seconds = self._told
        times = self.runs - runs, self.failures - failures, self.times.seconds - seconds
        return News(self.kind, self.plugin, self.name, *times, self.slowest, self.error if times[1] else None)

    def told(self, news: News) -> None:
        """Say that news were written down."""
        runs, failures, seconds = self._told
        self._told = (runs + news.runs, failures + news.failures, seconds + news.seconds)
        self.slowest = 0.0

    def add(self, seconds: float, failed: str | None = None) -> None:
        """Count a run; `failed` says why it failed, None if it did not."""
        self.times.add(seconds)
        self.slowest = max(self.slowest, seconds)
        if failed is not None:
            self.failures += 1
            self.error, self.failed_at = failed, clock.now()


class Figures:
    """The figures of one process."""

    def __init__(self) -> None:
        self._known: dict[tuple[Kind, str], Figure] = {}

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._known.values())

    def of(self, kind: Kind, plugin: str, name: str) -> Figure:
        """Return the figure of a handler or job, made when first asked for."""
        found = self._known.get((kind, name))
        if found is None:
            found = self._known[kind, name] = Figure(kind, plugin, name)
        return found

    @asynccontextmanager
    async def news(self) -> AsyncIterator[list[News]]:
        """Give what has come since it was given last; if the block raises it is given again."""
        found = [(figure, news) for figure in self if (news := figure.news()).runs]
        yield [news for _, news in found]
        for figure, news in found:
            figure.told(news)
