"""Can the declared jobs and after-handlers be found again by their names, and their arguments be kept?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crmcore.events import After
from crmcore.jobs.job import Job
from crmcore.plugins.plugin import Plugin

__all__ = ["wrongs"]


def wrongs(plugins: Mapping[str, Plugin], jobs: Iterable[Job[Any]], handlers: Iterable[After]) -> Iterator[str]:
    """Say everything that is wrong with jobs and after-handlers."""
    taken: dict[str, object] = {}
    for job in jobs:
        try:
            _ = job.arguments
        except TypeError as error:
            yield f"{plugins[job.plugin]}: {error}"
        yield from _twice(plugins[job.plugin], "job", job.name, job.function, taken)
    for handler in handlers:
        # One function may be told of several events; two functions need two names.
        yield from _twice(plugins[handler.plugin], "after-handler", handler.name, handler.run, taken)


def _twice(plugin: Plugin, what: str, name: str, function: object, taken: dict[str, object]) -> Iterator[str]:
    if taken.setdefault(name, function) is not function:
        yield f'{plugin} has two jobs or after-handlers called {name!r}; give this {what} another name (name="…").'
