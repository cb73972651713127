"""Placeholders of a statement that uses some of the parameters only, numbered from 1."""

from __future__ import annotations

import re

__all__ = ["renumbered"]

#: Nothing else in a statement looks like it: names are declared, constants are types, codes and fingerprints.
_PLACEHOLDER = re.compile(r"\$(\d+)")


def renumbered(sql: str) -> tuple[str, tuple[int, ...]]:
    """Return a statement, and which of the parameters its `$1`, `$2` and so on are, counted from 0."""
    numbers: dict[str, int] = {}
    sql = _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
    return sql, tuple(int(number) - 1 for number in numbers)
