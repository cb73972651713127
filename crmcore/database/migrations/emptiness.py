"""What a column holds when its values are gone for ever and it may not be empty."""

from __future__ import annotations

from typing import Any

from crmcore.database.migrations.migration import Irreversible
from crmcore.database.schema import ColumnSpec

__all__ = ["emptiness"]

_EMPTY = {"text": "", "enum": "", "int": 0, "bigint": 0, "float": 0.0, "bool": False, "json": {}}


def emptiness(table: str, column: ColumnSpec) -> Any:
    """Return what rows get when the column comes back; None where null or the default will do.

    Raises:

        Irreversible: no value would do (a date, a link).
    """
    if column.null or column.default is not None:
        return None
    if column.kind not in _EMPTY:
        msg = f"{table}.{column.name} may not be empty, and no {column.kind} stands for nothing; restore a backup instead."
        raise Irreversible(msg)
    return _EMPTY[column.kind]
