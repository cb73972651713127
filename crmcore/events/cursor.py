"""A place in the change feed, as a text that clients keep and give back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crmcore.errors import Invalid

__all__ = ["START", "Cursor"]

_TEXT = re.compile(r"([0-9a-f]{1,4})-([0-9a-f]{1,16})-([0-9a-f]{1,16})")
#: Larger numbers than these no database has given out.
_LARGEST_ERA, _LARGEST = 2**15 - 1, 2**63 - 1


@dataclass(frozen=True, order=True, slots=True)
class Cursor:
    """A place in the feed: what stands at it and before it was read. Later places are greater.

    Attributes:

        era: counts how often the database moved to a server that counts transactions anew.
        transaction: the PostgreSQL transaction, 0 on SQLite.
        position: the event's number.
    """

    era: int
    transaction: int
    position: int

    def __str__(self) -> str:
        return f"{self.era:x}-{self.transaction:x}-{self.position:x}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read a cursor that `str` has written.

        Raises:

            Invalid: the text is none.
        """
        if found := _TEXT.fullmatch(text):
            era, transaction, position = (int(part, 16) for part in found.groups())
            if era <= _LARGEST_ERA and transaction <= _LARGEST and position <= _LARGEST:
                return cls(era, transaction, position)
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        msg = f"{shown!r} is not a cursor of the change feed; give one that changes has returned, or none to begin at the start."
        raise Invalid.at("after", "NOT_A_CURSOR", msg)


#: Before everything.
START = Cursor(0, 0, 0)
