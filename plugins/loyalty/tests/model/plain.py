"""The ledger once more, as a handful of dicts: written from its rules, to be compared with what the real one does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from plain_parts import CURRENCIES, LATE, Declined, Lot, Parts, day_of, end_of_day, expires, first, split

__all__ = ["Ledger"]


@dataclass
class Ledger:
    """All accounts, by member and currency; `now` is the time."""

    now: datetime
    lots: dict[tuple[Any, str], list[Lot]] = field(default_factory=dict)
    owed: Counter[tuple[Any, str]] = field(default_factory=Counter)
    done: dict[Any, dict[str, Any]] = field(default_factory=dict)
    holds: dict[Any, dict[str, Any]] = field(default_factory=dict)
    merged: dict[Any, Any] = field(default_factory=dict)

    def accrue(self, id: Any, member: Any, code: str, points: int, *, waits: bool = False) -> None:
        """Earn points; they wait for an event, for as many days as the currency says, or not at all."""
        self._active(member)
        days = CURRENCIES[code].get("pending_days", 0)
        active = None if waits else end_of_day(day_of(self.now) + timedelta(days=days)) if days else self.now
        lot = Lot(self.now, active, expires(code, self.now))
        lot.root = lot
        self._lots(member, code).append(lot)
        if active is None or active > self.now:
            lot.parts["pending"] += points
        else:
            self._come(member, code, [(lot, points)])
        self.done[id] = {"kind": "ACCRUAL", "who": (member, code), "points": points, "undone": 0, "lot": lot}

    def adjust(self, id: Any, member: Any, code: str, points: int) -> None:
        """Correct a balance by hand; what comes can be spent at once, what goes goes as what is spent does."""
        self._active(member)
        done: dict[str, Any] = {"kind": "ADJUSTMENT", "who": (member, code), "points": abs(points), "undone": 0}
        if points < 0:
            self.done[id] = {**done, "taken": self._take(member, code, -points, None)}
            return
        lot = Lot(self.now, self.now, expires(code, self.now))
        lot.root = lot
        self._lots(member, code).append(lot)
        self._come(member, code, [(lot, points)])
        self.done[id] = {**done, "lot": lot}

    def activate(self, of: Any) -> None:
        """Let what an accrual left pending be spent."""
        done = self._own(of)
        lots = [lot for lot in self._lots(*done["who"]) if lot.root is done["lot"] and lot.parts["pending"]]
        if not lots:
            raise Declined("NOTHING_PENDING")
        for lot in lots:
            self._come(*done["who"], [(lot, lot.parts.pop("pending"))])

    def cancel(self, of: Any) -> None:
        """Say that what an accrual left pending will not come."""
        done = self._own(of)
        there = 0
        for lot in self._lots(*done["who"]):
            if lot.root is done["lot"]:
                there += lot.parts.pop("pending", 0)
        if not there:
            raise Declined("NOTHING_PENDING")
        done["undone"] += there

    def redeem(self, id: Any, member: Any, code: str, points: int, at: datetime | None = None) -> None:
        """Spend points."""
        taken = self._take(member, code, points, at)
        self.done[id] = {"kind": "REDEMPTION", "who": (member, code), "points": points, "undone": 0, "taken": taken}

    def reserve(self, id: Any, member: Any, code: str, points: int) -> None:
        """Set points aside."""
        taken = self._take(member, code, points, None)
        for lot, amount in taken:
            lot.parts["held"] += amount
        until = self.now + timedelta(minutes=CURRENCIES[code]["hold_minutes"])
        self.holds[id] = {"who": (member, code), "points": points, "parts": taken, "until": until, "state": "OPEN"}

    def capture(self, id: Any, of: Any, points: int | None) -> None:
        """Spend what was set aside; the rest is free again."""
        self._active(self.holds[of]["who"][0])
        hold = self._hold(of)
        points = hold["points"] if points is None else points
        if hold["until"] <= self.now:
            raise Declined("HOLD_EXPIRED")
        if points > hold["points"]:
            raise Declined("MORE_THAN_LEFT")
        taken, rest = split(hold["parts"], points)
        for lot, amount in taken:
            lot.parts["held"] -= amount
        self._free(hold, rest, "CAPTURED")
        self.done[id] = {"kind": "CAPTURE", "who": hold["who"], "points": points, "undone": 0, "taken": taken}

    def void(self, of: Any) -> None:
        """Give back what was set aside."""
        hold = self._hold(of)
        self._free(hold, hold["parts"], "VOIDED")

    def reverse(self, of: Any, points: int | None) -> None:
        """Undo, wholly or in part."""
        done = self._own(of)
        left = done["points"] - done["undone"]
        if not left:
            raise Declined("ALREADY_REVERSED")
        points = left if points is None else points
        if points > left:
            raise Declined("MORE_THAN_LEFT")
        done["undone"] += points
        if "lot" in done:
            self._claw_back(*done["who"], done["lot"], points)
        else:
            back, done["taken"] = split(done["taken"], points)
            self._give_back(*done["who"], back)

    def transfer(self, giver: Any, taker: Any, code: str, points: int) -> None:
        """Give points away; they keep when they were earned and when they expire."""
        self._active(taker)
        self._active(giver)
        if not CURRENCIES[code].get("transferable"):
            raise Declined("NOT_TRANSFERABLE")
        for lot, amount in self._take(giver, code, points, None):
            twin = Lot(lot.earned, lot.active, lot.expires, root=object())
            self._lots(taker, code).append(twin)
            self._come(taker, code, [(twin, amount)])

    def merge(self, old: Any, new: Any) -> None:
        """Let a member go on as another."""
        self._active(old)
        self._active(new)
        self.merged[old] = new
        for code in CURRENCIES:
            self._lots(new, code).extend(self.lots.pop((old, code), []))
            self.owed[new, code] += self.owed.pop((old, code), 0)
            self._settle(new, code, sorted(self._lots(new, code), key=first))
        # Holds that are over stay with who had them.
        for one in (*self.done.values(), *(hold for hold in self.holds.values() if hold["state"] == "OPEN")):
            if one["who"][0] == old:
                one["who"] = (new, one["who"][1])

    def sweep(self) -> None:
        """Do what is due: points expire, pending ones become active, holds run out."""
        for lots in self.lots.values():
            for lot in lots:
                if lot.expires is not None and lot.expires <= self.now:
                    lot.parts["available"] = lot.parts["pending"] = 0
        for who, lots in self.lots.items():
            due = [lot for lot in lots if lot.active is not None and lot.active <= self.now]
            for lot in sorted(due, key=first):
                self._come(*who, [(lot, lot.parts.pop("pending", 0))])
        for hold in self.holds.values():
            if hold["state"] == "OPEN" and hold["until"] <= self.now:
                self._free(hold, hold["parts"], "EXPIRED")

    def balances(self, member: Any, code: str) -> dict[str, int]:
        """What a member has."""
        lots = self.lots.get((member, code), [])
        found = {part: sum(lot.parts[part] for lot in lots) for part in ("available", "pending", "held")}
        owed = self.owed[member, code]
        return {**found, "available": found["available"] - owed, "owed": owed}

    def left(self, member: Any, code: str) -> dict[tuple[datetime, datetime | None], tuple[int, int, int]]:
        """What is left, by when it was earned and when it expires."""
        found: dict[tuple[datetime, datetime | None], tuple[int, int, int]] = {}
        for lot in self.lots.get((member, code), []):
            if any(lot.parts.values()):
                key = (lot.earned, lot.expires)
                a, p, h = found.get(key, (0, 0, 0))
                found[key] = (a + lot.parts["available"], p + lot.parts["pending"], h + lot.parts["held"])
        return found

    def _take(self, member: Any, code: str, points: int, at: datetime | None) -> Parts:
        self._active(member)
        at = at or self.now
        if at < self.now - LATE:
            raise Declined("TOO_LATE")
        usable = [x for x in self._lots(member, code) if x.parts["available"] and (not x.expires or x.expires > at)]
        if self.owed[member, code] or sum(lot.parts["available"] for lot in usable) < points:
            raise Declined("INSUFFICIENT_POINTS")
        taken, _ = split([(lot, lot.parts["available"]) for lot in sorted(usable, key=first)], points)
        for lot, amount in taken:
            lot.parts["available"] -= amount
        return taken

    def _come(self, member: Any, code: str, parts: Parts) -> None:
        for lot, amount in parts:
            lot.parts["available"] += amount
        self._settle(member, code, [lot for lot, _ in parts])

    def _settle(self, member: Any, code: str, lots: list[Lot]) -> None:
        for lot in lots:
            paid = min(lot.parts["available"], self.owed[member, code])
            lot.parts["available"] -= paid
            self.owed[member, code] -= paid

    def _claw_back(self, member: Any, code: str, root: Lot, points: int) -> None:
        lots = sorted(self._lots(member, code), key=first)
        own = [lot for lot in lots if lot.root is root]
        others = [lot for lot in lots if lot.root is not root]
        for part, among in (("pending", own), ("available", own), ("available", others)):
            for lot in among:
                taken = min(lot.parts[part], points)
                lot.parts[part] -= taken
                points -= taken
        available = self.balances(member, code)["available"]
        self.owed[member, code] += min(points, max(0, available - CURRENCIES[code].get("floor", 0)))

    def _give_back(self, member: Any, code: str, parts: Parts) -> None:
        days = CURRENCIES[code].get("restore_days", 0)
        for lot, amount in parts:
            if days and lot.expires is not None and lot.expires <= self.now:
                again = Lot(lot.earned, lot.active, self.now + timedelta(days=days), root=object())
                self._lots(member, code).append(again)
                self._come(member, code, [(again, amount)])
            else:
                self._come(member, code, [(lot, amount)])

    def _free(self, hold: dict[str, Any], parts: Parts, state: str) -> None:
        hold["state"] = state
        for lot, amount in parts:
            lot.parts["held"] -= amount
            self._come(*hold["who"], [(lot, amount)])

    def _hold(self, of: Any) -> dict[str, Any]:
        hold = self.holds[of]
        if hold["state"] != "OPEN":
            raise Declined("HOLD_NOT_OPEN")
        return hold

    def _own(self, of: Any) -> dict[str, Any]:
        return self.done[of]

    def _active(self, member: Any) -> None:
        if member in self.merged:
            raise Declined("MEMBER_NOT_ACTIVE")

    def _lots(self, member: Any, code: str) -> list[Lot]:
        return self.lots.setdefault((member, code), [])
