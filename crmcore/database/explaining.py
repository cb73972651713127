"""How a database means to run a statement, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

__all__ = ["Explained", "explained", "without_values"]

#: A constant as PostgreSQL writes it in a condition: a text in quotes, or a number that is no part of a name.
_TEXT = re.compile(r"E?'(?:[^']|'')*'")
_NUMBER = re.compile(r"(?<![\w$.\"])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w\"])")
#: What stands in a line that names a step; the other lines hold its conditions and keys.
_STEP = "(cost="


class Explained(Protocol):
    """What is needed of a `Database`."""

    dialect: str

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement."""


async def explained(database: Explained, sql: str, params: Sequence[Any], *, run: bool = False) -> str:
    """Return the database's own plan of a statement, a line for each step.

    Args:

        database: where it would run.
        sql: the statement.
        params: what is bound to it; PostgreSQL's plan depends on the values, and shows them.
        run: run it to show what each step took; PostgreSQL only, and only for a statement that reads.

    Raises:

        Unavailable: the database cannot answer now.
    """
    if database.dialect == "sqlite":
        return _tree(await database.fetch(f"explain query plan {sql}", *params))
    options = "analyze, buffers" if run else "costs"
    return "\n".join(line for (line,) in await database.fetch(f"explain ({options}) {sql}", *params))


def without_values(plan: str) -> str:
    """Return a plan with `?` for every constant in its conditions."""
    return "\n".join(line if _STEP in line else _hidden(line) for line in plan.splitlines())


def _hidden(line: str) -> str:
    return _NUMBER.sub("?", _TEXT.sub("?", line))


def _tree(rows: Iterable[tuple[Any, ...]]) -> str:
    depths: dict[int, int] = {}
    lines = []
    for id, parent, _, detail in rows:
        depths[id] = depths.get(parent, -1) + 1
        lines.append("  " * depths[id] + str(detail))
    return "\n".join(lines)
