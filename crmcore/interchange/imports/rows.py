"""Read CSV as a stream: one row at a time, and what cannot be read is one row's error, never the end."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from crmcore.errors import SetupError
from crmcore.interchange.guard import unguarded
from crmcore.interchange.imports.mapping import BLANKS, Csv
from crmcore.interchange.imports.refusals import COLUMNS

__all__ = ["LONGEST_LINE", "BadRow", "Row", "Rows", "open_text"]

#: Characters of one line; a longer one is an error of its row and is not kept.
LONGEST_LINE = 1024 * 1024
#: Characters that are kept of a row that is no CSV.
_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file.

    Attributes:

        line: the line it begins on, counted from 1.
        cells: its texts, as many as the header has.
    """

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read.

    Attributes:

        line: the line it begins on, counted from 1.
        cells: what could be read of it; of what is no CSV, the beginning of its text.
        code: what is wrong, for programs.
        reason: what is wrong, for people.
    """

    line: int
    cells: list[str]
    code: str
    reason: str


class _Lines:
    """Lines of bounded length; an endless one raises and the next call goes on behind it."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.count = 0
        self.taken = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.count += 1
        self.taken = (self.taken + line)[:_SHOWN]
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            msg = f"the line is longer than {LONGEST_LINE} characters"
            raise csv.Error(msg)
        return line


def open_text(path: Path, written: Csv) -> TextIOWrapper:
    """Open a CSV file; bytes that do not fit its encoding become lone surrogates, so that they are their row's error only.

    Raises:

        SetupError: it cannot be read.
    """
    try:
        return path.open(encoding=written.encoding, errors="surrogateescape", newline="")
    except OSError as problem:
        raise SetupError("import-file", [f"{path} cannot be read: {problem.strerror}."]) from problem


class Rows:
    """The rows of a CSV file, below its header if it has one.

    Args:

        text: the file, as `open_text` gives it.
        written: delimiter, and whether texts are guarded.

    Attributes:

        header: the names of the columns, as the file's first line or `[csv]` says.

    Raises:

        SetupError: there is no usable header.
    """

    def __init__(self, text: TextIO, written: Csv) -> None:
        self._lines = _Lines(text)
        self._reader = _reader(self._lines, written.delimiter)
        self._unguard = written.guarded
        named = written.header is not None and not _holds_refused(text, written.delimiter)
        self.header = _checked_header(written.header if named and written.header else self._read_header())

    def __iter__(self) -> Iterator[Row | BadRow]:
        while True:
            line, self._lines.taken = self._lines.count + 1, ""
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as problem:
                yield BadRow(line, [self._lines.taken], "MALFORMED_CSV", f"This is not CSV: {problem}.")
                continue
            if cells:
                yield self._checked(line, cells)

    def _checked(self, line: int, cells: list[str]) -> Row | BadRow:
        if len(cells) != len(self.header):
            reason = f"The row has {len(cells)} cells, the header {len(self.header)}; check quotes and delimiters."
            return BadRow(line, cells, "WRONG_CELL_COUNT", reason)
        for name, cell in zip(self.header, cells, strict=True):
            if "\x00" in cell:
                return BadRow(line, cells, "NUL", f"{name} contains the character U+0000; remove it.")
            if not cell.isascii() and any("\ud800" <= ch <= "\udfff" for ch in cell):
                reason = f"{name} holds bytes that do not fit the file's encoding; name the right one under [csv]."
                return BadRow(line, cells, "WRONG_ENCODING", reason)
        if self._unguard:
            cells = [unguarded(cell) for cell in cells]
        return Row(line, cells)

    def _read_header(self) -> list[str]:
        try:
            header = [name.strip() for name in next(self._reader)]
        except StopIteration:
            raise SetupError("import-header", ["The file is empty; its first line must name the columns."]) from None
        except csv.Error as problem:
            raise SetupError("import-header", [f"The first line is not CSV: {problem}."]) from problem
        return header


def _reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    return map(str.split, lines) if delimiter == BLANKS else csv.reader(lines, delimiter=delimiter, strict=True)


def _holds_refused(text: TextIO, delimiter: str) -> bool:
    """Say whether the file is one of refused rows, which always begins with the names of its columns."""
    first = text.readline(LONGEST_LINE)
    text.seek(0)
    return first.split(None if delimiter == BLANKS else delimiter)[: len(COLUMNS)] == [*COLUMNS]


def _checked_header(header: list[str]) -> list[str]:
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        names = ", ".join(map(repr, doubled))
        raise SetupError("import-header", [f"The header names {names} twice; give every column a name of its own."])
    return header
