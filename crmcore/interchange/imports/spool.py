"""Rows that wait for records of later rows, kept on disk so that memory stays small."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile

import msgspec

from crmcore.interchange.imports.rows import Row

__all__ = ["Spool"]


class Spool:
    """A list of rows in a temporary file."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 (lives as long as the spool, and goes with it)
        self.count = 0

    def add(self, rows: list[Row]) -> None:
        """Add rows at the end."""
        for row in rows:
            self._file.write(msgspec.json.encode((row.line, row.cells)) + b"\n")
        self.count += len(rows)

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        for line in self._file:
            number, cells = msgspec.json.decode(line, type=tuple[int, list[str]])
            yield Row(number, cells)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
