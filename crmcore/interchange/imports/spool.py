"""Rows that wait for records of later rows, kept on disk so that memory stays small."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from types import TracebackType

import msgspec

from crmcore.interchange.imports.rows import Row

__all__ = ["Spool"]


class Spool:
    """A list of rows in a temporary file, which goes with the block that opened it."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self.count = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

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
