"""An empty account into which a journal is played: a ledger of its own, small enough to be read in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crmcore_loyalty.verify.journal import AccountJournal, Row

__all__ = ["Played"]

_BUCKETS = ("AVAILABLE", "PENDING", "HELD")
_SPENDING = frozenset({"REDEMPTION", "RESERVATION", "TRANSFER"})


@dataclass
class Played:
    """An account, its lots and its holds, as far as the journal was played.

    Attributes:

        journal: of the account.
        balances: by bucket.
        owed: what comes next pays for so much.
        number: of the latest entry.
        closed: whether nothing comes or goes any more.
        lots: parts by lot and bucket.
        holds: what of each hold is set aside.
        ended: by hold: its state, how much was captured, and when that was.
        wrong: what cannot be, with the transaction that shows it.
    """

    journal: AccountJournal
    balances: Counter[str] = field(default_factory=Counter)
    owed: int = 0
    number: int = 0
    closed: bool = False
    lots: dict[UUID, Counter[str]] = field(default_factory=dict)
    holds: Counter[UUID] = field(default_factory=Counter)
    ended: dict[UUID, tuple[str, int, Any]] = field(default_factory=dict)
    wrong: list[tuple[str, str, UUID]] = field(default_factory=list)

    def play(self) -> None:
        """Play all of it, transaction by transaction."""
        entries = self.journal.entries
        at = 0
        while at < len(entries):
            end = at + 1
            while end < len(entries) and entries[end]["id"] == entries[at]["id"]:
                end += 1
            self._transaction(entries[at:end])
            at = end

    def _transaction(self, entries: Sequence[Row]) -> None:
        done = entries[0]
        moves = self.journal.moves.get(done["id"], [])
        said = Counter({entry["bucket"]: entry["amount"] for entry in entries})
        moved: Counter[str] = Counter()
        self._spend_in_order(done, moves)
        for move in moves:
            moved[move["bucket"]] += move["amount"]
            self._lot(done, move["lot_id"])[move["bucket"]] += move["amount"]
            if move["hold_id"] is not None and move["bucket"] == "HELD":
                self.holds[move["hold_id"]] += move["amount"]
        for entry in entries:
            self.number += 1
            self.balances[entry["bucket"]] += entry["amount"]
            if (entry["number"], entry["balance_after"]) != (self.number, self.balances[entry["bucket"]]):
                self._say(done, "I7", f"entry {entry['number']} leaves {entry['balance_after']} {entry['bucket']}")
        for bucket in ("PENDING", "HELD"):
            if moved[bucket] != said[bucket]:
                self._say(done, "I3", f"moves {moved[bucket]} {bucket} of lots and {said[bucket]} of the account")
        self.owed += moved["AVAILABLE"] - said["AVAILABLE"]
        if self.owed < 0 or (self.owed and any(lot["AVAILABLE"] for lot in self.lots.values())):
            self._say(done, "I3", f"leaves {self.owed} owed beside what can be spent")
        for move in moves:
            if min(self.lots[move["lot_id"]][bucket] for bucket in _BUCKETS) < 0:
                self._say(done, "I4", f"takes more of the lot {move['lot_id']} than there is")
        self._hold(done)
        self._close(done)

    def _lot(self, done: Row, id: UUID) -> Counter[str]:
        if id not in self.lots:
            self.lots[id] = Counter()
            if self.journal.lots[id]["transaction_id"] != done["id"]:
                self._say(done, "I4", f"moves the lot {id} before it was there")
        return self.lots[id]

    def _spend_in_order(self, done: Row, moves: Sequence[Row]) -> None:
        """See that nothing was spent while something that goes before it was left."""
        if done["kind"] not in _SPENDING or done["member_id"] != done["whose"]:
            return
        taken = Counter({m["lot_id"]: -m["amount"] for m in moves if m["bucket"] == "AVAILABLE"})
        if not taken:
            return
        last = max(self._place(id) for id in taken)
        for id, parts in self.lots.items():
            expires_at = self.journal.lots[id]["expires_at"]
            usable = expires_at is None or expires_at > done["event_at"]
            if usable and parts["AVAILABLE"] > taken[id] and self._place(id) < last:
                self._say(done, "I8", f"leaves some of the lot {id}, which goes before what was taken")

    def _place(self, id: UUID) -> tuple[Any, ...]:
        lot = self.journal.lots[id]
        return lot["expires_at"] is None, lot["expires_at"] or lot["earned_at"], lot["earned_at"], str(id)

    def _hold(self, done: Row) -> None:
        of = done["reverses_id"]
        if done["kind"] == "CAPTURE":
            self.ended[of] = "CAPTURED", done["points"], done["recorded_at"]
        elif done["kind"] == "RELEASE":
            # What ran out did so at just that instant; somebody gives back at any other.
            hold = self.journal.holds.get(of)
            ran_out = hold is not None and hold["expires_at"] == done["event_at"]
            self.ended[of] = "EXPIRED" if ran_out else "VOIDED", 0, done["recorded_at"]
        elif done["kind"] == "FORFEIT":
            for id in (id for id in self._open() if not self.holds[id]):
                self.ended[id] = "VOIDED", 0, done["recorded_at"]

    def _open(self) -> Iterator[UUID]:
        return (id for id in self.journal.holds if id in self.holds and id not in self.ended)

    def _close(self, done: Row) -> None:
        leaves = done["kind"] == "MERGE" and done["member_id"] == done["whose"]
        self.closed |= leaves or done["kind"] == "FORFEIT"

    def _say(self, done: Row, invariant: str, what: str) -> None:
        self.wrong.append((invariant, f"{done['kind']} {what}", done["id"]))
