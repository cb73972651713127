"""A machine that asks the real ledger and the plain one the same, and compares what they have after each step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Accrual, Desk, Redemption, Reservation
from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.verifying import violations
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from model_stage import SYSTEM, member, stock
from plain import Ledger
from plain_parts import CURRENCIES, Declined
from steps import AFTER, STEP

from crmcore import Settings, Work, errors
from crmcore.testing import TestCrm

__all__ = ["LedgerMachine"]

_BEGIN = datetime(2027, 10, 20, 15, 0, 0, tzinfo=UTC)


class LedgerMachine(RuleBasedStateMachine):
    """Three members who earn and spend; who is merged goes on as a new one."""

    #: Makes a database for each example.
    database: ClassVar[Callable[[], AbstractContextManager[str]]]
    model: ClassVar[TestCrm]
    #: Steps of all examples together.
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.place = type(self).database()
        self.crm = self.model.like(Settings(database=self.place.__enter__()))
        self.crm.clock.set(_BEGIN)
        self.plain = Ledger(_BEGIN)
        self.known: dict[str, list[UUID]] = {"ACCRUAL": [], "ADDED": [], "SPENT": [], "HOLD": []}

    @initialize()
    def begin(self) -> None:
        """Make a program and its members."""
        self._run(self.crm.start())
        self.program, self.currencies = self._run(stock(self.crm))
        self.codes = {id: code for code, id in self.currencies.items()}
        self.members = [self._run(member(self.crm, self.program)) for _ in range(3)]
        for days in (0, 9):
            self._at(_BEGIN + timedelta(days=days))
            for which in range(3):
                for code in CURRENCIES:
                    self.accrue_some(which, code, 40, waits=False)

    def teardown(self) -> None:
        """See that the ledger keeps its invariants, and end."""
        try:
            assert [] == self._run(self._wrong())
        finally:
            self._run(self.crm.stop())
            self.crm.clock.close()
            self.runner.close()
            self.place.__exit__(None, None, None)

    @rule(step=STEP)
    def step(self, step: tuple[str, dict[str, Any]]) -> None:
        """Something happens."""
        name, values = step
        if "which" not in values or self.known[AFTER[name]]:
            getattr(self, name)(**values)

    def accrue(self, member: int, code: str, points: int, waits: bool) -> None:
        """Somebody earns."""
        self.accrue_some(member, code, 3 * points, waits=waits)

    def accrue_some(self, member: int, code: str, points: int, *, waits: bool) -> None:
        """Let somebody earn so many points, which wait for an event or as the currency says."""
        id, who = uuid4(), self.members[member]
        asked: dict[str, Any] = {"member_id": who, "currency_id": self.currencies[code], "points": points, "id": id}
        asked |= {"active_at": None} if waits else {}
        if self._both(
            lambda work: ledger.accrue(work, Accrual(**asked)),
            lambda: self.plain.accrue(id, who, code, points, waits=waits),
        ):
            self.known["ACCRUAL"].append(id)
            self.known["ADDED"].append(id)

    def redeem(self, member: int, code: str, points: int, days: int) -> None:
        """Somebody spends, or did so some days ago."""
        id, who = uuid4(), self.members[member]
        at = self.crm.clock.now() - timedelta(days=days) if days else None
        asked: dict[str, Any] = {"member_id": who, "currency_id": self.currencies[code], "points": points, "id": id}
        if self._both(
            lambda work: ledger.redeem(work, Redemption(**asked, event_at=at)),
            lambda: self.plain.redeem(id, who, code, points, at),
        ):
            self.known["SPENT"].append(id)

    def together(self, several: list[tuple[bool, int, str, int]]) -> None:
        """Some earn and spend at the same time, at a desk."""
        asked, expected = [], []
        for earns, number, code, points in several:
            id, who = uuid4(), self.members[number]
            kind, kept = (Accrual, "ACCRUAL") if earns else (Redemption, "SPENT")
            asked.append(kind(member_id=who, currency_id=self.currencies[code], points=points, id=id))
            try:
                if earns:
                    self.plain.accrue(id, who, code, points)
                else:
                    self.plain.redeem(id, who, code, points, None)
            except Declined as declined:
                expected.append(str(declined))
            else:
                expected.append("done")
                self.known[kept].append(id)
        assert expected == self._run(self._together(asked))

    def reserve(self, member: int, code: str, points: int) -> None:
        """Points are set aside."""
        id, who = uuid4(), self.members[member]
        asked: dict[str, Any] = {"member_id": who, "currency_id": self.currencies[code], "points": points, "id": id}
        if self._both(
            lambda work: ledger.reserve(work, Reservation(**asked)),
            lambda: self.plain.reserve(id, who, code, points),
        ):
            self.known["HOLD"].append(id)

    def capture(self, which: int, points: int | None) -> None:
        """Points that were set aside are spent."""
        id, of = uuid4(), self._one("HOLD", which)
        if self._both(lambda work: ledger.capture(work, of, points, id=id), lambda: self.plain.capture(id, of, points)):
            self.known["SPENT"].append(id)

    def void(self, which: int) -> None:
        """Points that were set aside are given back."""
        of = self._one("HOLD", which)
        self._both(lambda work: ledger.void(work, of), lambda: self.plain.void(of))

    def activate(self, which: int) -> None:
        """Points that were pending can be spent."""
        of = self._one("ACCRUAL", which)
        self._both(lambda work: ledger.activate(work, of), lambda: self.plain.activate(of))

    def cancel(self, which: int) -> None:
        """Points that were pending do not come."""
        of = self._one("ACCRUAL", which)
        self._both(lambda work: ledger.cancel_pending(work, of), lambda: self.plain.cancel(of))

    def undo_earning(self, which: int, points: int | None) -> None:
        """What was earned is clawed back."""
        of = self._one("ADDED", which)
        self._both(lambda work: ledger.reverse(work, of, points), lambda: self.plain.reverse(of, points))

    def undo_spending(self, which: int, points: int | None) -> None:
        """What was spent is given back."""
        of = self._one("SPENT", which)
        self._both(lambda work: ledger.reverse(work, of, points), lambda: self.plain.reverse(of, points))

    def transfer(self, giver: int, other: int, code: str, points: int) -> None:
        """Points are given away."""
        a, b = self.members[giver], self.members[(giver + other) % 3]
        self._both(
            lambda work: ledger.transfer(work, a, b, self.currencies[code], points),
            lambda: self.plain.transfer(a, b, code, points),
        )

    def adjust(self, member: int, code: str, points: int) -> None:
        """A balance is corrected by hand."""
        id, who = uuid4(), self.members[member]
        if self._both(
            lambda work: ledger.adjust(work, who, self.currencies[code], points, "Because.", id=id),
            lambda: self.plain.adjust(id, who, code, points),
        ):
            self.known["SPENT" if points < 0 else "ADDED"].append(id)

    def merge(self, old: int, other: int) -> None:
        """A member goes on as another, and a new one comes."""
        a, b = self.members[old], self.members[(old + other) % 3]
        self._both(lambda work: ledger.merge(work, a, b), lambda: self.plain.merge(a, b))
        self.members[old] = self._run(member(self.crm, self.program))

    def jump(self, turn: datetime, minutes: int) -> None:
        """Time goes by, up to a day that is not as others."""
        at = turn + timedelta(minutes=minutes)
        if at > self.plain.now and at < self.plain.now + timedelta(days=120):
            self._at(at)

    def wait(self, days: int) -> None:
        """Some days go by."""
        self._at(self.plain.now + timedelta(days=days, hours=days))

    def sweep(self) -> None:
        """Time does what is due."""
        self._run(ledger.expire_due(self.crm))
        self._run(ledger.activate_due(self.crm))
        self._run(ledger.release_due(self.crm))
        self.plain.sweep()

    @invariant()
    def both_have_the_same(self) -> None:
        """Balances, and what is left of lots by when they came and expire."""
        type(self).steps += 1
        if hasattr(self, "members"):
            self._at(self.plain.now + timedelta(seconds=1))
            expected = {
                (who, code): (self.plain.balances(who, code), self.plain.left(who, code))
                for who in self.members
                for code in CURRENCIES
            }
            assert expected == self._run(self._found())

    def _at(self, now: datetime) -> None:
        self.plain.now = now
        self.crm.clock.set(now)

    def _one(self, kind: str, which: int) -> UUID:
        return self.known[kind][-1 - which % len(self.known[kind])]

    def _both(self, real: Callable[[Work], Awaitable[Any]], plain: Callable[[], None]) -> bool:
        """Ask both; say whether it came about."""
        try:
            plain()
        except Declined as declined:
            expected = str(declined)
        else:
            expected = "done"
        assert expected == self._run(self._outcome(real))
        return expected == "done"

    async def _outcome(self, unit: Callable[[Work], Awaitable[Any]]) -> str:
        try:
            await self.crm.run(SYSTEM, unit, isolation="read committed")
        except errors.Declined as declined:
            return declined.violations[0].code
        return "done"

    async def _together(self, asked: Sequence[Accrual | Redemption]) -> list[str]:
        async def outcome(desk: Desk, one: Accrual | Redemption) -> str:
            try:
                await (desk.accrue(SYSTEM, one) if isinstance(one, Accrual) else desk.redeem(SYSTEM, one))
            except errors.Declined as declined:
                return declined.violations[0].code
            return "done"

        async with Desk(self.crm) as desk:
            return list(await asyncio.gather(*(outcome(desk, one) for one in asked)))

    async def _found(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {(who, code): ({}, {}) for who in self.members for code in CURRENCIES}
        for row in await self.crm.database.fetch_dicts("select * from loyalty_account"):
            if (key := (row["member_id"], self.codes[row["currency_id"]])) in found:
                found[key][0].update({name: row[name] for name in ("available", "pending", "held", "owed")})
        for row in await self.crm.database.fetch_dicts("select * from loyalty_lot where spent = false"):
            if (key := (row["member_id"], self.codes[row["currency_id"]])) in found:
                at, left = (row["earned_at"], row["expires_at"]), found[key][1]
                before = left.get(at, (0, 0, 0))
                parts = (row["remaining"], row["pending"], row["held"])
                left[at] = tuple(a + b for a, b in zip(before, parts, strict=True))
        return found

    async def _wrong(self) -> list[str]:
        found = [one.shown async for one in violations(self.crm.database)]
        return found + [one.shown async for one in replayed(self.crm.database)]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)
