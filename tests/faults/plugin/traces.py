"""A line for each beginning and end of a piece of work, in a file: it tells of attempts, whatever became of them."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

__all__ = ["VARIABLE", "trace_lost_leases", "traced"]

#: The variable that names the file.
VARIABLE = "FAULTS_TRACES"


@contextmanager
def traced(name: str, key: str, lane: str | None = None) -> Iterator[None]:
    """Note when a block begins and how it ends.

    Args:

        name: what is done.
        key: of the piece of work; the same in each attempt.
        lane: pieces of one lane must not run at the same time.
    """
    began = time.monotonic_ns()
    _note({"at": "begin", "name": name, "key": key, "lane": lane, "pid": os.getpid(), "time": began})
    yield
    # A block that raises leaves no end: what it did does not count.
    end = {"at": "end", "name": name, "key": key, "lane": lane, "pid": os.getpid(), "began": began}
    _note({**end, "time": time.monotonic_ns()})


def trace_lost_leases() -> None:
    """Note too when this process is told that it lost its lease: what it did at that time others may have done beside it."""
    logging.getLogger("crmcore.jobs").addHandler(_LostLeases())


class _LostLeases(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if "taken for dead" in record.getMessage():
            _note({"at": "lost", "pid": os.getpid()})


def _note(line: dict[str, object]) -> None:
    # One write of less than a page to a file opened for appending is never mixed with another's.
    if (file := _file()) is not None:
        os.write(file, json.dumps(line).encode() + b"\n")


@cache
def _file() -> int | None:
    path = os.environ.get(VARIABLE)
    return os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600) if path else None
