"""Numbers that are made where nobody gives one: the day, and eight characters of the record's id."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

__all__ = ["made_number"]

#: Crockford's: no I, L, O and U, which people take for something else.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def made_number(prefix: str, id: UUID, at: datetime) -> str:
    """Return for example `O-261122-7K3M9QXA`.

    No counter is kept, which all who place orders would wait for; the 40 random bits make two equal ones of one day
    unlikely, and the unique index refuses them.
    """
    bits = id.int & (1 << 40) - 1
    code = "".join(_LETTERS[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{prefix}-{at:%y%m%d}-{code}"
