"""A CSV file is read as a stream; what is wrong with a row is that row's affair."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from crmcore.errors import SetupError
from crmcore.interchange.imports import rows as reading
from crmcore.interchange.imports.mapping import Csv
from crmcore.interchange.imports.rows import BadRow, Row, Rows, open_text

Read = Callable[..., Rows]


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Read]:
    """A function that gives the rows of some bytes."""
    with ExitStack() as files:

        def read(content: bytes, **written: Any) -> Rows:
            (tmp_path / "rows.csv").write_bytes(content)
            return Rows(files.enter_context(open_text(tmp_path / "rows.csv", Csv(**written))), Csv(**written))

        yield read


def test_rows_know_the_line_they_begin_on(rows: Read) -> None:
    """A cell may go over several lines; the next row's line counts them."""
    found = list(rows(b'name,note\r\nA,"one\r\ntwo"\r\nB,x\r\n'))
    assert [Row(2, ["A", "one\r\ntwo"]), Row(4, ["B", "x"])] == found


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "Zürich 上海"), ("utf-8-sig", "Zürich 上海"), ("gb18030", "上海"), ("latin-1", "Zürich")],
)
def test_encodings(rows: Read, encoding: str, name: str) -> None:
    """The encodings of the world's spreadsheets are read; the mark that Excel puts first is no part of a name."""
    found = rows(f"name\n{name}\n".encode(encoding), encoding=encoding)
    assert ["name"] == found.header
    assert [Row(2, [name])] == list(found)


def test_bytes_outside_the_encoding_are_an_error_of_their_row(rows: Read) -> None:
    """The rows before and after are read."""
    found = list(rows(b"name\nA\n" + b"M\xfcller\n" + b"B\n"))
    assert [Row, BadRow, Row] == [type(r) for r in found]
    assert "WRONG_ENCODING" == found[1].code  # type: ignore[union-attr]


def test_ragged_rows_are_errors_with_both_counts(rows: Read) -> None:
    """Too few and too many cells are told apart from the header's count."""
    few, many = list(rows(b"a,b\n1\n1,2,3\n"))
    assert isinstance(few, BadRow)
    assert isinstance(many, BadRow)
    assert "The row has 3 cells, the header 2; check quotes and delimiters." == many.reason


def test_a_nul_is_an_error_of_its_row(rows: Read) -> None:
    """PostgreSQL could not store it."""
    (row,) = rows(b"a,b\n1,x\x00y\n")
    assert isinstance(row, BadRow)
    assert "NUL" == row.code


def test_a_huge_cell_is_an_error_and_the_next_row_is_read(rows: Read) -> None:
    """A cell above the csv module's limit ends neither the file nor the memory."""
    found = list(rows(b"a,b\n1," + b"x" * 200_000 + b"\n2,y\n"))
    assert [BadRow, Row] == [type(r) for r in found]


def test_a_line_without_end_is_an_error_of_bounded_memory(rows: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is read up to its limit only; the line after it has the right number."""
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)
    found = list(rows(b"a,b\n1," + b"x" * 10_000 + b"\n2,y\n"))
    assert [BadRow, Row] == [type(r) for r in found]
    assert 3 == found[1].line


def test_an_open_quote_is_reported_with_what_was_there(rows: Read) -> None:
    """The row that is no CSV is shown, so that it can be found and mended."""
    (row,) = rows(b'a,b\n1,"x\n')
    assert isinstance(row, BadRow)
    assert ("MALFORMED_CSV", ['1,"x\n'], 2) == (row.code, row.cells, row.line)


def test_empty_lines_are_passed_over(rows: Read) -> None:
    """A blank line is no row."""
    assert [Row(3, ["1"])] == list(rows(b"a\n\n1\n\n"))


@pytest.mark.parametrize(("content", "message"), [(b"", "empty"), (b"a,b,a\n", "'a' twice"), (b'"a\n', "not CSV")])
def test_a_file_needs_a_header(rows: Read, content: bytes, message: str) -> None:
    """No header, a doubled name or a broken one stops the import before it begins."""
    with pytest.raises(SetupError, match=message):
        rows(content)


def test_guarded_texts_are_read_back(rows: Read) -> None:
    """The apostrophe our export puts in front is taken away, one only."""
    assert [Row(2, ["=1+1", "'tis", "x"])] == list(rows(b"a,b,c\n'=1+1,''tis,x\n", guarded=True))


def test_rows_are_read_one_by_one() -> None:
    """The first row is there before the second was asked for: the file may be endless."""

    class Endless(io.StringIO):
        def readline(self, size: int = -1) -> str:  # type: ignore[override]
            return "1,2\n"

    found = iter(Rows(Endless(), Csv()))
    assert Row(2, ["1", "2"]) == next(found)
    assert Row(3, ["1", "2"]) == next(found)
