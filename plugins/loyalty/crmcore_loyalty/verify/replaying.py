"""I13: the journal, played into an empty ledger, gives the same accounts, lots and holds, byte for byte."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from crmcore import Database
from crmcore_loyalty.verify.check import FROZEN, REPORTED
from crmcore_loyalty.verify.journal import AccountJournal, Row, journals
from crmcore_loyalty.verify.played import Played
from crmcore_loyalty.verify.violation import Violation

__all__ = ["compared", "replayed"]

_ACCOUNT = ("available", "pending", "held", "owed", "last_version", "closed")
_LOT = ("remaining", "pending", "held", "spent", "due_at")
_HOLD = ("state", "captured", "ended_at")


async def replayed(database: Database) -> AsyncIterator[Violation]:
    """Give everything in which a ledger differs from its journal, account by account.

    Args:

        database: where the ledger is; it is only read, some accounts at a time.
    """
    async for journal in journals(database):
        for violation in compared(journal):
            yield violation


def compared(journal: AccountJournal) -> Iterator[Violation]:
    """Play the journal of one account and compare."""
    played = Played(journal)
    played.play()
    member = str(journal.account["member_id"])
    for invariant, what, transaction in played.wrong:
        yield Violation(invariant, what, REPORTED, member, str(transaction), str(journal.account["id"]))
    for row, columns, expected in _states(journal, played):
        found = _bytes({name: row[name] for name in columns})
        if found != (due := _bytes(expected)):
            what = f"the journal gives {due.decode()}, and here is {found.decode()}"
            yield Violation("I13", what, FROZEN, member, None, str(row["id"]))


def _states(journal: AccountJournal, played: Played) -> Iterator[tuple[Row, tuple[str, ...], Mapping[str, Any]]]:
    balances = played.balances
    account = {"available": balances["AVAILABLE"], "pending": balances["PENDING"], "held": balances["HELD"]}
    rest = {"owed": played.owed, "last_version": played.number, "closed": played.closed}
    yield journal.account, _ACCOUNT, {**account, **rest}
    for id, lot in journal.lots.items():
        parts: Mapping[str, int] = played.lots.get(id, {})
        remaining, pending, held = (parts.get(bucket, 0) for bucket in ("AVAILABLE", "PENDING", "HELD"))
        due_at = _due_at(lot, remaining, pending)
        spent = not (remaining or pending or held)
        yield lot, _LOT, {"remaining": remaining, "pending": pending, "held": held, "spent": spent, "due_at": due_at}
    for id, hold in journal.holds.items():
        state, captured, ended_at = played.ended.get(id, ("OPEN", 0, None))
        yield hold, _HOLD, {"state": state, "captured": captured, "ended_at": ended_at}
        if played.holds[id] != (hold["points"] if state == "OPEN" else 0):
            # Shown as a difference of the hold: so much is set aside for it, whatever its row says.
            yield (
                {**hold, "points": played.holds[id]},
                ("points",),
                {"points": hold["points"] if state == "OPEN" else 0},
            )


def _due_at(lot: Row, remaining: int, pending: int) -> Any:
    """Return when time has something to do with a lot: what comes first of its becoming active and its expiry."""
    instants = [lot["expires_at"]] if remaining or pending else []
    instants += [lot["active_at"]] if pending else []
    return min((at for at in instants if at is not None), default=None)


def _bytes(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, default=str, sort_keys=True).encode()
