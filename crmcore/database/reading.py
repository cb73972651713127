"""What a statement surely does, told from its text: only read, or write one row."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["only_reads", "writes_one_row"]

_FIRST = re.compile(r"[\s(]*(select|values|explain|with)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|replace)\b", re.IGNORECASE)
_ONE_ROW = re.compile(
    r"insert into [\w\"]+( as \w+)? \([^()]*\) values \([^()]*\)( on conflict \([^()]*\) do [^()]*)?"
    r"|update [\w\"]+\s+set\s(?:(?!\bselect\b|;).)*\swhere \"?id\"? ?= ?\$1( and [\w\"]+ ?= ?\$\d+)?"
    r"|(release )?savepoint \w+",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(4096)
def only_reads(sql: str) -> bool:
    """Say whether a statement surely writes nothing. A word in a text may hide that of a `with`, which only costs time."""
    found = _FIRST.match(sql)
    if found is None:
        return False
    return found[1].lower() != "with" or not _WRITES.search(sql)


@lru_cache(4096)
def writes_one_row(sql: str) -> bool:
    """Say whether a statement surely writes at most one row, found by its key: no sub-select, no deletion that spreads."""
    return _ONE_ROW.fullmatch(sql.strip()) is not None
