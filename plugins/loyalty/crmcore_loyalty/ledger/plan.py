"""A transaction being drawn up: moves of lots, entries that add up to zero, what accounts and holds become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore_loyalty.ledger.state import Account, Hold, Lot, fifo
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHouse, LoyaltyTransactionKind, LoyaltyTransactionStatus

__all__ = ["Entry", "Impossible", "Move", "Plan", "Transaction"]

_BUCKETS = tuple(LoyaltyBucket)


class Impossible(Exception):
    """What was asked cannot be had as things stand.

    Attributes:

        code: for programs, as in INSUFFICIENT_POINTS.
        message: why, with the way out.
        path: the argument it is about.
    """

    def __init__(self, code: str, message: str, path: str = "points") -> None:
        super().__init__(message)
        self.code, self.message, self.path = code, message, path


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A row of `loyalty_transaction`."""

    id: UUID
    kind: LoyaltyTransactionKind
    currency_id: UUID
    member_id: UUID
    points: int
    event_at: datetime
    recorded_at: datetime
    fingerprint: str
    actor: Any
    status: LoyaltyTransactionStatus = LoyaltyTransactionStatus.POSTED
    reason_code: str | None = None
    reason: str | None = None
    other_member_id: UUID | None = None
    reverses_id: UUID | None = None
    source_type: str | None = None
    source_id: str | None = None
    trace: Any = None


@dataclass(slots=True, frozen=True)
class Move:
    """A row of `loyalty_lot_move`."""

    lot_id: UUID
    bucket: LoyaltyBucket
    amount: int
    hold_id: UUID | None = None


@dataclass(slots=True, frozen=True)
class Entry:
    """A row of `loyalty_entry`; without an account it is one of our own."""

    account: Account | None
    bucket: LoyaltyBucket | None
    house: LoyaltyHouse | None
    amount: int
    balance_after: int | None
    number: int | None


class Plan:
    """What one transaction does; the accounts, lots and holds given to it are changed as it is drawn up.

    Attributes:

        transaction: the transaction.
        moves: of lots, in order, without those by which new lots came as a whole: the lots say that themselves.
        entries: made by `finish`.
        made: lots that are new.
        lots: lots that were there, by id.
        accounts: those it touches, by id.
        opened: holds that are new.
        holds: holds that were there.
        gained: by how many what can be spent changed, by account.
        left: what could be spent, was pending and was held afterwards, by account; those drawn up later change the account.
    """

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.moves: list[Move] = []
        self.entries: list[Entry] = []
        self.made: dict[UUID, Lot] = {}
        self.lots: dict[UUID, Lot] = {}
        self.accounts: dict[UUID, Account] = {}
        self.opened: list[Hold] = []
        self.holds: list[Hold] = []
        self.gained: dict[UUID, int] = {}
        self.left: dict[UUID, tuple[int, int, int]] = {}
        self._sums: dict[tuple[UUID, LoyaltyBucket], int] = {}
        self._houses: dict[LoyaltyHouse, int] = {}

    def touch(self, account: Account) -> None:
        """Say that an account is part of it, even if nothing of it changes."""
        self.accounts[account.id] = account

    def new(self, lot: Lot) -> Lot:
        """Add a lot, with nothing in it yet."""
        self.made[lot.id] = lot
        return lot

    def move(self, account: Account, lot: Lot, bucket: LoyaltyBucket, amount: int, hold_id: UUID | None = None) -> None:
        """Add to a part of a lot of the account, or take from it."""
        if not amount:
            return
        if bucket is LoyaltyBucket.AVAILABLE:
            lot.remaining += amount
        elif bucket is LoyaltyBucket.PENDING:
            lot.pending += amount
        else:
            lot.held += amount
        if lot.id not in self.made:
            self.lots[lot.id] = lot
        if amount == lot.original and hold_id is None and lot.id in self.made and lot.came_as is None:
            lot.came_as = bucket
        else:
            self.moves.append(Move(lot.id, bucket, amount, hold_id))
        self._add(account, bucket, amount)

    def owe(self, account: Account, amount: int) -> None:
        """Let an account owe more, or less."""
        account.owed += amount
        self._add(account, LoyaltyBucket.AVAILABLE, -amount)

    def settle(self, account: Account, lots: Iterable[Lot]) -> None:
        """Pay what an account owes from what has just come."""
        if account.owed:
            for lot in fifo(lot for lot in lots if lot.remaining):
                paid = min(lot.remaining, account.owed)
                self.move(account, lot, LoyaltyBucket.AVAILABLE, -paid)
                self.owe(account, -paid)

    def house(self, house: LoyaltyHouse, amount: int) -> None:
        """Add to one of our own accounts, or take from it."""
        self._houses[house] = self._houses.get(house, 0) + amount

    def finish(self, *, always: Sequence[Account] = ()) -> Plan:
        """Make the entries and bring the accounts to what they come to.

        Args:

            always: accounts that get an entry, even if it is of nothing, where there would be none.

        Raises:

            ArithmeticError: they do not add up to zero, which is a bug.
        """
        empty = bool(always) and not any(self._sums.values())
        total = sum(self._sums.values()) + sum(self._houses.values())
        if total:
            msg = f"Transaction {self.transaction.id} adds up to {total}, not to zero."
            raise ArithmeticError(msg)
        for account in self.accounts.values():
            before = account.available
            for bucket in _BUCKETS:
                amount = self._sums.get((account.id, bucket))
                if amount or (empty and bucket is LoyaltyBucket.AVAILABLE and account in always):
                    self.entries.append(_posted(account, bucket, amount or 0))
            self.gained[account.id] = account.available - before
            self.left[account.id] = account.available, account.pending, account.held
        for house, amount in self._houses.items():
            if amount or empty:
                self.entries.append(Entry(None, None, house, amount, None, None))
        return self

    def _add(self, account: Account, bucket: LoyaltyBucket, amount: int) -> None:
        self.accounts[account.id] = account
        key = (account.id, bucket)
        self._sums[key] = self._sums.get(key, 0) + amount


def _posted(account: Account, bucket: LoyaltyBucket, amount: int) -> Entry:
    account.last_version += 1
    if bucket is LoyaltyBucket.AVAILABLE:
        balance = account.available = account.available + amount
    elif bucket is LoyaltyBucket.PENDING:
        balance = account.pending = account.pending + amount
    else:
        balance = account.held = account.held + amount
    return Entry(account, bucket, None, amount, balance, account.last_version)
