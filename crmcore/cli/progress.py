"""Showing how far long work is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_shown"]


@contextmanager
def progress_shown(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs; it gets the function to tell how much is done, and of how much (0: unknown)."""
    if not sys.stderr.isatty():
        yield _say_nothing
        return
    # Heavy, and of use only here.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)


def _say_nothing(_done: int, _total: int) -> None:
    pass
