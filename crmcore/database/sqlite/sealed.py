"""Sealed values in SQLite columns of other types than text: what turns stored values into Python's lets them through."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final

# Piccolo registers what these stand before.
import piccolo.engine.sqlite  # noqa: F401

__all__ = ["let_through"]

#: What a sealed value begins with; the layer above says so too.
_MARK: Final = b"crm1:"
_TYPES: Final = ("BOOLEAN", "DATE", "TIMESTAMPTZ")
_done: set[str] = set()


def let_through() -> None:
    """Have sealed values read as the texts they are; done once a process, and only where something is sealed."""
    for name in _TYPES:
        if name not in _done:
            _done.add(name)
            sqlite3.register_converter(name, _tolerant(sqlite3.converters[name]))


def _tolerant(convert: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(value: bytes) -> Any:
        return value.decode() if value.startswith(_MARK) else convert(value)

    return read
