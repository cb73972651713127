"""Wrong codes are counted by who gave them, though what gave them was refused; too many make the next ones wait."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from crmcore import Work, errors, ids
from crmcore_loyalty.settings import LoyaltySettings

__all__ = ["admit", "count"]

_HOUR = timedelta(hours=1)


async def admit(work: Work) -> None:
    """Let somebody try a code.

    Raises:

        RateLimited: they have tried too many wrong ones within an hour.
    """
    most = work.settings[LoyaltySettings].wrong_codes
    sql = "select count(*) as n from loyalty_voucher_attempt where actor = $1 and at > $2"
    (row,) = await work.rows(sql, _who(work), work.now - _HOUR)
    if most and row["n"] >= most:
        msg = f"{row['n']} wrong codes within an hour; try again in an hour."
        raise errors.RateLimited(msg)


async def count(work: Work) -> bool:
    """Count a wrong code; see `errors.Declined.keep`."""
    await work.database.execute("delete from loyalty_voucher_attempt where at <= $1", work.now - _HOUR)
    sql = "insert into loyalty_voucher_attempt (id, actor, at) values ($1, $2, $3)"
    await work.database.execute(sql, ids.new(), _who(work), work.now)
    return True


def _who(work: Work) -> str:
    return sha256((work.actor.id or work.actor.label).encode()).hexdigest()
