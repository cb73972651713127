"""The pairs that `replace` and `translate` go by, read from the mapping or from CSV files beside the imported one."""

from __future__ import annotations

import csv
from pathlib import Path

from crmcore.interchange.imports.load import Loaded, refuse_if_any
from crmcore.interchange.imports.mapping import BLANKS, Csv, Table
from crmcore.interchange.imports.strict import Problems

__all__ = ["read_tables"]


def read_tables(loaded: Loaded, folder: Path) -> dict[str, dict[str, str]]:
    """Return a mapping's tables by name.

    Args:

        loaded: the mapping.
        folder: where the files stand that tables name.

    Raises:

        SetupError: a file cannot be read or lacks a column; all such tables in one message.
    """
    problems: Problems = []
    tables = {
        name: _pairs(f"tables.{name}", table, loaded.mapping.csv, folder, problems)
        for name, table in loaded.mapping.tables.items()
    }
    refuse_if_any(problems, loaded.origin)
    return tables


def _pairs(where: str, table: Table, written: Csv, folder: Path, problems: Problems) -> dict[str, str]:
    if table.file is None or table.key is None or table.value is None:
        return table.values or {}
    try:
        with (folder / table.file).open(encoding=written.encoding, newline="") as lines:
            blanks = written.delimiter == BLANKS
            delimiter = " " if blanks else written.delimiter
            rows = csv.DictReader(lines, delimiter=delimiter, skipinitialspace=blanks, restval="")
            absent = [column for column in (table.key, table.value) if column not in (rows.fieldnames or ())]
            if not absent:
                return {row[table.key].strip(): row[table.value].strip() for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        problems.append((where, f"cannot read {table.file} beside the imported file: {problem}"))
        return {}
    problems.append((where, f"names the column {', '.join(absent)}, which {table.file} does not have"))
    return {}
