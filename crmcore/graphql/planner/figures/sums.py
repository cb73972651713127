"""What a database must be able to say about totals: exact however large, and the same on every database.

Totals are made in two steps, so that one scan serves several figures: aggregate calls give parts for each part of the
rows, and the parts are added up. Numbers count as they are written (0.1 + 0.2 is 0.3), so their order does not matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from crmcore.entities.kinds import Kind

__all__ = ["Sums"]


class Sums(ABC):
    """One database's arithmetic; all that is taken and given is SQL. Totals of no values are null."""

    @abstractmethod
    def parts(self, sql: str, kind: Kind) -> tuple[str, ...]:
        """Return the aggregate calls that make the total of a number."""

    @abstractmethod
    def added(self, part: str, kind: Kind) -> str:
        """Return the aggregate call that adds up parts."""

    @abstractmethod
    def whole(self, parts: Sequence[str]) -> str:
        """Return a whole total with all its digits, as a number or a text, whatever the database has for it."""

    @abstractmethod
    def number(self, parts: Sequence[str], kind: Kind) -> str:
        """Return a total as what compares with numbers; null if it is of fractions and too large for a number."""

    @abstractmethod
    def mean(self, parts: Sequence[str], count: str) -> str:
        """Return a total divided by a count, as a number; totals nearer to zero than 1e-290 give zero."""

    @abstractmethod
    def share(self, parts: Sequence[str], count: str) -> str:
        """Return a whole total divided by a count that is not zero, rounded half to even."""
