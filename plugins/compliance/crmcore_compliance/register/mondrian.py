"""k-anonymity by Mondrian (LeFevre, DeWitt, Ramakrishnan 2006): the table is cut in two as long as both parts are large enough.

A part is as large as it must be if it has k rows and, of every sensitive column, l different values (distinct l-diversity).
What is left of a part's quasi-identifiers is the span of its values, so that its rows cannot be told apart by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

__all__ = ["Demand", "TooFew", "anonymised"]

Row = Mapping[str, Any]


class TooFew(ValueError):
    """There are not enough rows, or not enough different sensitive values, to hide anybody among them."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of the result.

    Attributes:

        quasi: columns by which somebody could be told who a row is about.
        sensitive: columns that nobody is to learn of a person; they stay as they are.
        k: how many rows cannot be told apart, at least.
        l: how many different values each sensitive column has among these, at least.
    """

    quasi: tuple[str, ...]
    sensitive: tuple[str, ...] = ()
    k: int = 5
    l: int = 1  # noqa: E741 - the name it has in the literature


def anonymised(rows: Sequence[Row], demand: Demand) -> list[dict[str, Any]]:
    """Return the rows with their quasi-identifiers generalised, in no order that would tell where they came from.

    Raises:

        TooFew: even all rows together do not meet the demand.
        ValueError: a demand that cannot be.
    """
    if demand.k < 1 or demand.l < 1 or not demand.quasi or set(demand.quasi) & set(demand.sensitive):
        msg = "Give quasi-identifiers, none of them sensitive too, and k and l of at least 1."
        raise ValueError(msg)
    if not rows:
        return []
    if not _meets(rows, demand):
        msg = f"{len(rows)} rows cannot be made {demand.k}-anonymous with {demand.l} different values; ask for less or take more rows."
        raise TooFew(msg)
    found = []
    for part in _parts(list(rows), demand):
        shown = {column: _span([row[column] for row in part]) for column in demand.quasi}
        kept = sorted(({c: row[c] for c in demand.sensitive} for row in part), key=repr)
        found += [{**shown, **one} for one in kept]
    return sorted(found, key=repr)


def _parts(rows: list[Row], demand: Demand) -> list[list[Row]]:
    whole = {column: len({_order(row[column]) for row in rows}) for column in demand.quasi}
    done, open_ = [], [rows]
    while open_:
        part = open_.pop()
        halves = next((cut for column in _widest(part, whole) if (cut := _cut(part, column, demand))), None)
        if halves is None:
            done.append(part)
        else:
            open_ += halves
    return done


def _widest(part: Sequence[Row], whole: Mapping[str, int]) -> list[str]:
    """Return the columns by how much of the whole table's span the part still has, widest first."""
    return sorted(whole, key=lambda c: (-len({_order(row[c]) for row in part}) / whole[c], c))


def _cut(part: list[Row], column: str, demand: Demand) -> tuple[list[Row], list[Row]] | None:
    """Cut a part between two values, as near to its middle as leaves two parts that meet the demand."""
    if len(part) < 2 * demand.k:
        return None
    ordered = sorted(part, key=lambda row: _order(row[column]))
    keys = [_order(row[column]) for row in ordered]
    borders = [at for at in range(demand.k, len(part) - demand.k + 1) if keys[at - 1] != keys[at]]
    for at in sorted(borders, key=lambda at: abs(2 * at - len(part))):
        low, high = ordered[:at], ordered[at:]
        if _meets(low, demand) and _meets(high, demand):
            return low, high
    return None


def _meets(rows: Sequence[Row], demand: Demand) -> bool:
    return len(rows) >= demand.k and all(len({repr(r[c]) for r in rows}) >= demand.l for c in demand.sensitive)


def _order(value: Any) -> tuple[int, Any]:
    """Return what a value is ordered by: nothing first, then numbers, dates, texts."""
    if value is None:
        return 0, 0
    if isinstance(value, bool):
        return 1, int(value)
    if isinstance(value, int | float):
        return 1, value
    if isinstance(value, date | datetime):
        return 2, value.isoformat()
    return 3, str(value)


def _span(values: Sequence[Any]) -> str:
    """Write what a part has in common: the one value, the ends of a range, or all words."""
    kinds = sorted({_order(value) for value in values})
    if len(kinds) == 1:
        return _word(kinds[0])
    if all(kind == kinds[0][0] and kind in (1, 2) for kind, _ in kinds):
        return f"{_word(kinds[0])}..{_word(kinds[-1])}"
    return "|".join(_word(one) for one in kinds)


def _word(ordered: tuple[int, Any]) -> str:
    return "" if ordered[0] == 0 else str(ordered[1])
