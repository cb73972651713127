"""What other processes commit to a SQLite file, noticed by its version number."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

__all__ = ["watch_versions"]

#: Seconds between looks; one takes microseconds.
_PAUSE = 0.05


async def watch_versions(path: Path, changed: Callable[[], None]) -> None:
    """Look at the file's version many times a second until cancelled.

    Args:

        path: the file.
        changed: called after commits, this process's own too.
    """
    raw = _open(path)
    try:
        seen = None
        while True:
            found = _version(raw)
            if found is not None and found != seen:
                seen = found
                changed()
            await asyncio.sleep(_PAUSE)
    finally:
        raw.close()


def _open(path: Path) -> sqlite3.Connection:
    # `mode=rw`: never makes a file.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)


def _version(raw: sqlite3.Connection) -> int | None:
    """Return the number that other connections' commits change, None while a process keeps the file to itself."""
    try:
        rows: list[tuple[int]] = raw.execute("pragma data_version").fetchall()
    except sqlite3.OperationalError:
        return None
    return rows[0][0]
