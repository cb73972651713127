"""What is wrong with a draft is gathered, each with its path, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from crmcore import Money, errors

__all__ = ["Reading", "below"]


class Reading:
    """Reads a draft's amounts as minor units of one currency.

    Attributes:

        currency: of all amounts.
        wrong: what is wrong so far.
    """

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.wrong: list[errors.Violation] = []

    def refuse(self, path: str, code: str, message: str) -> None:
        """Note that something is wrong."""
        self.wrong.append(errors.Violation(path, code, message))

    def amount(self, path: str, money: Money | None) -> int:
        """Return the minor units of an amount, 0 for none or for one that is wrong."""
        if money is None:
            return 0
        if money.currency != self.currency:
            self.refuse(path, "OTHER_CURRENCY", f"The order's amounts are in {self.currency}; this one is {money}.")
        elif money.minor < 0:
            self.refuse(
                path, "TOO_SMALL", f"{money} is negative; give amounts as they are, a discount as what it takes off."
            )
        else:
            return money.minor
        return 0

    def percent(self, path: str, rate: Decimal | None) -> Decimal | None:
        """Return a rate if it is one."""
        if rate is not None and not (rate.is_finite() and 0 <= rate <= 100):
            self.refuse(path, "OUT_OF_RANGE", "A rate is between 0 and 100 percent.")
            return None
        return rate

    def settle(self) -> None:
        """End the reading.

        Raises:

            Invalid: something is wrong.
        """
        if self.wrong:
            raise errors.Invalid.of(self.wrong)


@contextmanager
def below(path: str) -> Iterator[None]:
    """Put a path before those of what is refused within."""
    try:
        yield
    except errors.Invalid as refusal:
        raise errors.Invalid.of(_moved(path, refusal.violations)) from refusal


def _moved(path: str, violations: Sequence[errors.Violation]) -> list[errors.Violation]:
    return [errors.Violation(f"{path}.{v.path}", v.code, v.message) for v in violations]
