"""What a statement surely does, told from its text: only read, or write few rows."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["only_reads", "writes_few_rows"]

_FIRST = re.compile(r"[\s(]*(select|values|explain|with)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|replace)\b", re.IGNORECASE)
#: Twenty rows at most, as many as what a unit of work caused has in one insert (`crmcore.events.flush`).
_FEW_ROWS = re.compile(
    r"insert into [\w\"]+( as \w+)? \([^()]*\) values \([^()]*\)(, \([^()]*\)){0,19}( on conflict \([^()]*\) do [^()]*)?"
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
def writes_few_rows(sql: str) -> bool:
    """Say whether a statement surely writes few rows, given or found by a key: no sub-select, no deletion that spreads."""
    return _FEW_ROWS.fullmatch(sql.strip()) is not None
