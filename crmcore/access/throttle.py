"""Sign-ins that fail make the next one wait, per account and per network address, whichever process they reach.

An attempt is counted before the password is looked at and forgiven when it was right, so that attempts made at the same
moment cannot outrun the count. Waiting doubles with each failure up to a quarter of an hour: one who guesses is slowed
to nothing, and one who is guessed at can get in again soon, and stays signed in where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from crmcore import clock
from crmcore.database import Database, ids
from crmcore.errors import RateLimited

__all__ = ["Counter", "admit", "counters", "forgive"]

#: An account or address that was quiet for so long starts anew.
_QUIET = timedelta(days=1)
_LONGEST_WAIT = 900


@dataclass(frozen=True)
class Counter:
    """Something failures are counted for.

    Attributes:

        key: digest of what it is.
        free: failures that cost no waiting.
        clears: whether a success clears all failures, as it does for an account. An address may be many people's, one
            of whom guesses: there a success only takes back its own attempt.
    """

    key: str
    free: int
    clears: bool


def counters(email: str | None, address: str | None) -> list[Counter]:
    """Return what an attempt counts for.

    Args:

        email: as it was typed; whether there is such an account makes no difference.
        address: of the client; of an IPv6 address its /64, which one household can fill at will.
    """
    found = []
    if email is not None:
        found.append(Counter(_key("account", email.strip().lower()), 5, clears=True))
    if address is not None:
        found.append(Counter(_key("address", _network(address)), 30, clears=False))
    return found


async def admit(database: Database, counters: Sequence[Counter]) -> None:
    """Let an attempt through and count it as failed for now.

    Raises:

        RateLimited: it comes too soon after failures; the message says when to come back.
    """
    now = clock.now()

    async def count() -> float:
        async with database.transaction():
            await database.execute("delete from crm_sign_in_attempt where at < $1", now - _QUIET)
            seen = [(counter, *await _hold(database, counter, now)) for counter in counters]
            wait = max((free_at - now for _, _, free_at in seen), default=timedelta()).total_seconds()
            if wait <= 0:
                for counter, failures, _ in seen:
                    await _count(database, counter, failures + 1, now)
            return wait

    if (wait := await database.retrying(count)) > 0:
        msg = f"Too many failed sign-ins; try again in {_duration(wait)}."
        raise RateLimited(msg)


async def forgive(database: Database, counters: Sequence[Counter]) -> None:
    """Take the attempt back: it was right."""
    for counter in counters:
        if counter.clears:
            await database.execute("delete from crm_sign_in_attempt where key = $1", counter.key)
        else:
            sql = "update crm_sign_in_attempt set failures = failures - 1 where key = $1 and failures > 0"
            await database.execute(sql, counter.key)


async def _hold(database: Database, counter: Counter, now: datetime) -> tuple[int, datetime]:
    # The first statement changes nothing and locks the row, so that the next attempt sees what this one counts.
    await database.execute(
        "insert into crm_sign_in_attempt (id, key, failures, free_at, at) values ($1, $2, 0, $3, $3) "
        "on conflict (key) do update set failures = crm_sign_in_attempt.failures",
        ids.new(),
        counter.key,
        now,
    )
    rows = await database.fetch("select failures, free_at from crm_sign_in_attempt where key = $1", counter.key)
    failures, free_at = rows[0]
    return failures, free_at


async def _count(database: Database, counter: Counter, failures: int, now: datetime) -> None:
    excess = failures - counter.free
    wait = min(_LONGEST_WAIT, 2 ** min(excess, 20)) if excess >= 0 else 0
    sql = "update crm_sign_in_attempt set failures = $2, free_at = $3, at = $4 where key = $1"
    await database.execute(sql, counter.key, failures, now + timedelta(seconds=wait), now)


def _key(kind: str, value: str) -> str:
    return sha256(f"{kind}:{value}".encode(errors="surrogatepass")).hexdigest()


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def _duration(seconds: float) -> str:
    if seconds <= 90:
        return f"{ceil(seconds)} second{'s' if ceil(seconds) != 1 else ''}"
    return f"{ceil(seconds / 60)} minutes"
