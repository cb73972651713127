"""One request to the ledger: its id, its fingerprint, and what is answered when it comes again or cannot be had."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import journal
from crmcore_loyalty.ledger.asked import Source
from crmcore_loyalty.ledger.plan import Impossible, Plan, Transaction
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind, LoyaltyTransactionStatus

__all__ = ["Request", "replayed"]

#: How far in the future something may have happened: clocks differ.
_AHEAD = timedelta(minutes=5)
#: Nothing that points are given for happened before; by then days in any zone are days that a calendar has.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_quoted = json.encoder.encode_basestring_ascii
Recorder = Callable[[Work, UUID], Awaitable[None]]


class Request:
    """What somebody wants done.

    Args:

        work: the unit of work.
        kind: what it does.
        member_id: whose points.
        currency_id: which points.
        points: how many; of an adjustment the sign counts. None is all there is of what it follows: set `points` once that is
            known.
        id: the transaction's id; None makes a new one.
        event_at: when it happened; None is now.
        source: what it comes from.
        reason: why, in a sentence.
        trace: why so many.
        reverses_id: which transaction it follows.
        other_member_id: who gets the points.
        also: what else belongs to what is asked.

    Raises:

        Invalid: no points, or it happens in the future.
    """

    def __init__(
        self,
        work: Work,
        kind: LoyaltyTransactionKind,
        *,
        member_id: UUID,
        currency_id: UUID,
        points: int | None,
        id: UUID | None,
        event_at: datetime | None = None,
        source: Source | None = None,
        reason: str | None = None,
        trace: Mapping[str, Any] | None = None,
        reverses_id: UUID | None = None,
        other_member_id: UUID | None = None,
        also: tuple[Any, ...] = (),
    ) -> None:
        if event_at is not None and event_at > work.now + _AHEAD:
            raise errors.Invalid.at("eventAt", "IN_THE_FUTURE", "This has not happened yet; tell it when it has.")
        if event_at is not None and event_at < _EARLIEST:
            raise errors.Invalid.at("eventAt", "TOO_EARLY", "Nothing before 1970 moves points; give when it happened.")
        self.work, self.kind, self.id = work, kind, id or ids.new()
        self.member_id, self.currency_id, self.points = member_id, currency_id, points or 0
        self.event_at = event_at or work.now
        self.source, self.reason, self.trace = source, reason, trace
        self.reverses_id, self.other_member_id = reverses_id, other_member_id
        told = (source.type, source.id) if source else None
        # What follows another transaction is known by that: whose it is may change when members merge.
        whose = (reverses_id,) if reverses_id else (member_id, currency_id, other_member_id)
        asked = [kind.name, *map(_told, whose), points, _told(event_at), told, *also]
        self.fingerprint = hashlib.sha256(_written(asked).encode()).hexdigest()

    def plan(self, **changes: Any) -> Plan:
        """Begin to draw the transaction up."""
        return Plan(self.transaction(self.work, **changes))

    def transaction(self, work: Work, **changes: Any) -> Transaction:
        """Return its row."""
        source = self.source
        made = Transaction(
            id=self.id,
            kind=self.kind,
            currency_id=self.currency_id,
            member_id=self.member_id,
            points=self.points,
            event_at=self.event_at,
            recorded_at=work.now,
            fingerprint=self.fingerprint,
            actor=work.actor.stamp,
            reason=self.reason,
            other_member_id=self.other_member_id,
            reverses_id=self.reverses_id,
            source_type=None if source is None else source.type,
            source_id=None if source is None else source.id,
            trace=self.trace,
        )
        return replace(made, **changes) if changes else made

    async def replay(self) -> Row | None:
        """Return what came of it, if it was asked before.

        Raises:

            Declined: that was declined.
            KeyReused: the id was used for something else.
        """
        stored = await journal.read(self.work, self.id)
        return None if stored is None else replayed(stored, self.fingerprint)

    def check_time(self) -> None:
        """Demand that what is told is not too long ago.

        Raises:

            Impossible: it is.
        """
        days = self.work.settings[LoyaltySettings].late_days
        if self.event_at < self.work.now - timedelta(days=days):
            msg = f"This happened more than {days} days ago, which is too late to be told; adjust the balance instead."
            raise Impossible("TOO_LATE", msg, "eventAt")

    def refusal(self, work: Work, why: Impossible) -> Transaction:
        """Return the row that says that it was declined."""
        return self.transaction(
            work,
            status=LoyaltyTransactionStatus.DECLINED,
            reason_code=why.code,
            reason=why.message,
            reverses_id=None,
        )

    def declined(self, why: Impossible, also: Recorder | None = None) -> errors.Declined:
        """Return the refusal; it is recorded under the request's id once the transaction is rolled back.

        Args:

            why: why.
            also: what else is recorded, with the id.
        """

        async def keep(work: Work) -> bool:
            if await journal.decline(work, self.refusal(work, why)):
                if also is not None:
                    await also(work, self.id)
                return True
            stored = await journal.read(work, self.id)
            if stored is None or stored["fingerprint"] != self.fingerprint:
                return False
            # Another reason was recorded meanwhile: that is the answer, and the unit, run once more, finds it.
            return bool(stored["reason_code"] == why.code)

        return errors.Declined(why.message, [errors.Violation(why.path, why.code, why.message)], keep=keep)


def _told(value: UUID | datetime | None) -> str | None:
    return None if value is None else str(value)


def _written(value: Any) -> str:
    """Return what `json.dumps(value, default=str)` does, which takes three times as long to get going."""
    kind = type(value)
    if kind is list or kind is tuple:
        return f"[{', '.join([_written(one) for one in value])}]"
    if value is None:
        return "null"
    if kind is int:
        return str(value)
    return _quoted(value) if kind is str else json.dumps(value, default=str)


def replayed(stored: Row, fingerprint: str) -> Row:
    """Return a transaction that was asked for once more.

    Raises:

        Declined: it was declined.
        KeyReused: something else was asked for.
    """
    if stored["fingerprint"] != fingerprint:
        msg = f"The id {ids.encode('loyalty_transaction', stored['id'])} was used for something else; make a new one."
        raise errors.KeyReused(msg)
    if stored["status"] == LoyaltyTransactionStatus.DECLINED.name:
        raise errors.Declined(
            stored["reason"], [errors.Violation("id", stored["reason_code"] or "DECLINED", stored["reason"])]
        )
    return stored
