"""Statements about one, made statements about rows of `crm_given`: a placeholder becomes the row's own value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["DOCUMENTS", "GIVEN", "PLAIN", "placed", "typed"]

#: A placeholder, or a text or name in quotes, in which none is one.
_PLACEHOLDER = re.compile(r"\$(\d+)|'[^']*'|\"[^\"]*\"")
#: Types that an array holds as they are. Of JSON, a list could not be told from a list of values.
PLAIN = frozenset("uuid text varchar int2 int4 int8 float8 numeric bool date timestamptz".split())
#: Types whose values are carried as texts.
DOCUMENTS = frozenset(("json", "jsonb"))
#: A name that no statement gives to anything else.
GIVEN = "crm_given"


def typed(name: str) -> str | None:
    """Return the type of a column of rows that has a parameter's values; None if none can."""
    if name in DOCUMENTS:
        return "text"
    return name if name.removesuffix("[]") in PLAIN else None


def placed(sql: str, types: Sequence[str], arrays: Mapping[int, int] | None = None) -> str:
    """Return a statement with columns `v1`, ... of the rows in place of placeholders, but for arrays, which all share.

    Args:

        sql: the statement.
        types: of its parameters, as asyncpg names them.
        arrays: by number of a parameter that is an array the number it has instead; they stay as they are if it is not given.
    """

    def column(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        number = int(found[1])
        name = types[number - 1]
        if name.endswith("[]"):
            return found[0] if arrays is None else f"${arrays[number]}"
        return f"{GIVEN}.v{number}" + (f"::{name}" if name in DOCUMENTS else "")

    return _PLACEHOLDER.sub(column, sql)
