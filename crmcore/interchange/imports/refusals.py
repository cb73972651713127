"""The error file: every row that was not imported, as it was, with the reason; mended, it can be imported itself."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from crmcore.interchange.guard import guarded
from crmcore.interchange.imports.mapping import BLANKS, LINE, Csv
from crmcore.interchange.imports.report import RefusedRow

__all__ = ["COLUMNS", "ErrorFile"]

#: What stands before the columns of the imported file.
COLUMNS = (LINE, "crm_code", "crm_reason")


class ErrorFile:
    """Writes refused rows in the encoding and with the delimiter they came in.

    Args:

        path: where to; None writes nothing. What was there before goes.
        written: how the imported file is written.
        header: its columns.
    """

    def __init__(self, path: Path | None, written: Csv, header: Sequence[str]) -> None:
        self._path, self._written, self._header = path, written, header
        self._file: TextIO | None = None

    def __enter__(self) -> ErrorFile:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: Sequence[tuple[RefusedRow, Sequence[str]]]) -> None:
        """Add refused rows with their cells."""
        if self._path is None or not rows:
            return
        if self._file is None:
            self._file = self._path.open("w", encoding=self._written.encoding, errors="surrogateescape", newline="")
            self._lines([[*COLUMNS, *self._header]])
        self._lines(
            [[str(row.line), row.code, self._fitting(row.reason), *self._as_it_was(cells)] for row, cells in rows]
        )
        self._file.flush()

    def _lines(self, lines: Sequence[Sequence[str]]) -> None:
        assert self._file is not None
        if self._written.delimiter == BLANKS:
            self._file.writelines(" ".join("_".join(cell.split()) or "_" for cell in line) + "\n" for line in lines)
        else:
            csv.writer(self._file, delimiter=self._written.delimiter).writerows(lines)

    def _as_it_was(self, cells: Sequence[str]) -> Sequence[str]:
        return [guarded(cell) for cell in cells] if self._written.guarded else cells

    def _fitting(self, text: str) -> str:
        return text.encode(self._written.encoding, "replace").decode(self._written.encoding)
