"""SQL functions of exact totals, which SQLite lacks: its integers end at 64 bits, and its sums of numbers go by their order.

A total is a text of digits here. Whole numbers are added up by SQLite itself in two parts, the billions and the rest.
"""

from __future__ import annotations

import sqlite3
from decimal import Context, Decimal

from crmcore.database.money import digits

__all__ = ["add_functions"]

_BILLION = 10**9
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_FLOAT = Decimal("1.7976931348623157e308")
_SMALLEST_DIVIDED = 1e-290
#: From the largest number to the last digit of the smallest.
_EXACT = Context(prec=2200)


def add_functions(raw: sqlite3.Connection) -> None:
    """Register them on a connection."""
    # The type says that results are whole numbers; any value will do.
    raw.create_aggregate("crm_sum", 1, _Sum)  # type: ignore[arg-type]
    raw.create_function("crm_whole", 2, _whole, deterministic=True)
    raw.create_function("crm_number", 1, _number, deterministic=True)
    raw.create_function("crm_real", 1, _real, deterministic=True)
    raw.create_function("crm_mean", 2, _mean, deterministic=True)
    raw.create_function("crm_share", 2, _share, deterministic=True)
    raw.create_function("crm_amount", 2, _amount, deterministic=True)


class _Sum:
    """The exact total of numbers as they are written, or of totals; PostgreSQL's `sum(x::text::numeric)`."""

    def __init__(self) -> None:
        self._total: Decimal | None = None

    def step(self, value: float | str | None) -> None:
        if value is not None:
            written = Decimal(value if isinstance(value, str) else repr(value))
            self._total = written if self._total is None else _EXACT.add(self._total, written)

    def finalize(self) -> str | None:
        return None if self._total is None else str(self._total)


def _whole(billions: int | None, rest: int | None) -> str | None:
    """Put the two parts of a whole total together."""
    return None if billions is None or rest is None else str(billions * _BILLION + rest)


def _number(total: int | str | None) -> int | float | None:
    """Return a whole total as what compares with numbers."""
    if total is None:
        return None
    number = int(total)
    return number if abs(number) <= _LARGEST_INTEGER else float(number)


def _real(total: int | str | None) -> float | None:
    """Return a total as the nearest number; null if it is larger than numbers can be."""
    number = None if total is None else Decimal(total)
    if number is None or number.copy_abs() > _LARGEST_FLOAT:
        return None
    # PostgreSQL's numeric has no negative zero.
    return float(number) + 0.0


def _mean(total: int | str | None, count: int | None) -> float | None:
    """Return a total divided; 0 if the total is nearer to it than a quotient is exact."""
    number = _real(total)
    if number is None or count is None:
        return None
    return number / count if abs(number) >= _SMALLEST_DIVIDED else 0.0


def _share(total: str | None, count: int | None) -> int | None:
    """Return a whole total divided, rounded half to even: as small as what was added up."""
    if total is None or count is None:
        return None
    quotient, rest = divmod(int(total), count)
    up = 2 * rest > count or (2 * rest == count and quotient % 2 == 1)
    return quotient + up


def _amount(minor: int | str | None, currency: str) -> str | None:
    """Return minor units of any size as a decimal text with the currency's digits."""
    return None if minor is None else format(Decimal(minor).scaleb(-digits(currency), _EXACT), "f")
