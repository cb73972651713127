"""Statements, liability and journal of a CRM with members who earn and redeem."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from crmcore_loyalty import ledger
from crmcore_loyalty.finance.checkpoints import checkpoint, house_balances
from crmcore_loyalty.finance.estimating import loyalty_observe_breakage, loyalty_set_breakage
from crmcore_loyalty.finance.liability import report
from crmcore_loyalty.finance.monthly import loyalty_draw_statement
from crmcore_loyalty.finance.months import month_of
from crmcore_loyalty.finance.statements import differing
from crmcore_loyalty.program.enrolling import enrol

from crmcore import Access, Actor, ActorType, Scope, Work, errors, ids
from crmcore.cli import main
from crmcore.testing import TestCrm

SYSTEM = Actor.system("test")
JUNE = datetime(2027, 6, 10, 12, tzinfo=UTC)


class World:
    """A program with one currency, in which a thousand points are worth 10.00 EUR, and one member."""

    def __init__(self, crm: TestCrm) -> None:
        self.crm = crm

    async def make(self, **program: Any) -> World:
        """Make it."""
        self.program = await self.crm.make("loyalty_program", **({"status": "ACTIVE", "timezone": "UTC"} | program))
        given = {"pending_days": 0, "expiry": "NEVER", "kind": "REDEEMABLE", "floor": 0, "scale": 0}
        self.currency = await self.crm.make(
            "loyalty_currency", program=self.program, point_cost=1000, money="EUR", **given
        )
        self.member = await self.join()
        return self

    async def join(self) -> dict[str, Any]:
        """Make another member."""
        customer = await self.crm.make("customer")
        joined = JUNE - timedelta(days=400)
        return await self.crm.run(
            SYSTEM,
            lambda work: enrol(work, self.program["id"], customer["id"], enrolled_at=joined),
            isolation="read committed",
        )

    async def earn(self, points: int, **more: Any) -> dict[str, Any]:
        """Earn."""
        asked = ledger.Accrual(member_id=self.member["id"], currency_id=self.currency["id"], points=points, **more)
        return await self.crm.run(SYSTEM, lambda work: ledger.accrue(work, asked), isolation="read committed")

    async def redeem(self, points: int) -> dict[str, Any]:
        """Redeem."""
        asked = ledger.Redemption(member_id=self.member["id"], currency_id=self.currency["id"], points=points)
        return await self.crm.run(SYSTEM, lambda work: ledger.redeem(work, asked), isolation="read committed")

    async def reverse(self, row: dict[str, Any], points: int | None = None) -> None:
        """Undo."""
        await self.crm.run(
            SYSTEM, lambda work: ledger.reverse(work, row["id"], points=points), isolation="read committed"
        )

    async def sell(self, minor: int, **more: Any) -> ledger.Source:
        """Sell something; return what the points come from."""
        amounts = {"subtotal": minor, "total": minor, "discount": 0, "tax": 0, "shipping": 0} | more
        order = await self.crm.make("order", currency="EUR", status="PAID", placed_at=self.crm.clock.now(), **amounts)
        return ledger.Source(type="order", id=str(order["id"]))

    async def run(self, unit: Any) -> Any:
        """Do a unit of work as the system."""
        return await self.crm.run(SYSTEM, unit)

    async def statement(self, period: str) -> dict[str, Any]:
        """Draw the member's statement."""
        return await self.run(lambda work: loyalty_draw_statement(work, self.member["id"], self.currency["id"], period))


@pytest.fixture
async def world(crm: TestCrm) -> World:
    """See `World`."""
    crm.clock.set(JUNE)
    return await World(crm).make()


def amounts(row: dict[str, Any]) -> tuple[int, ...]:
    """Return the sums of a statement."""
    return tuple(row[name] for name in ("opening", "earned", "redeemed", "expired", "other", "closing"))


async def test_a_statement_adds_up(world: World) -> None:
    """Opening, earned, redeemed, closing; the next month opens with it."""
    await world.earn(1000)
    await world.redeem(300)
    undone = await world.earn(50)
    await world.reverse(undone)
    world.crm.clock.set(JUNE + timedelta(days=30))
    await world.redeem(100)
    world.crm.clock.set(JUNE + timedelta(days=60))
    june, july = [await world.statement(month) for month in ("2027-06", "2027-07")]

    assert (0, 1000, 300, 0, 0, 700) == amounts(june)
    assert (700, 0, 100, 0, 0, 600) == amounts(july)
    assert {"ACCRUAL": "1050", "REDEMPTION": "-300", "REVERSAL_OF_ACCRUAL": "-50"} == _json(june["movements"])
    assert ["700"] == [lot["points"] for lot in _json(june["lots"])]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


async def test_a_statement_is_what_it_was(world: World) -> None:
    """Whoever draws it again gets the one that is there, and the ledger still says the same, byte for byte."""
    await world.earn(1000)
    world.crm.clock.set(JUNE + timedelta(days=30))
    first = await world.statement("2027-06")
    await world.redeem(400)
    again = await world.statement("2027-06")
    month = month_of("2027-06", ZoneInfo("UTC"))

    assert (first["id"], first["sha256"]) == (again["id"], again["sha256"])
    assert [] == [found async for found in differing(world.crm, world.currency["id"], month)]


async def test_a_statement_that_was_changed_is_found(world: World) -> None:
    """By its digest."""
    await world.earn(1000)
    world.crm.clock.set(JUNE + timedelta(days=30))
    await world.statement("2027-06")
    await world.crm.database.execute("update loyalty_entry set amount = amount + 1 where member_id is not null")
    month = month_of("2027-06", ZoneInfo("UTC"))

    assert [1001] == [again.closing async for _, again in differing(world.crm, world.currency["id"], month)]


@pytest.mark.parametrize(
    ("period", "code"), [("2027-06", "NOT_ENDED"), ("June", "MALFORMED"), ("2027-13", "MALFORMED")]
)
async def test_only_months_that_have_ended_have_statements(world: World, period: str, code: str) -> None:
    """An hour ago at least, so that all that was recorded in them is there."""
    with pytest.raises(errors.Invalid) as refused:
        await world.statement(period)

    assert [code] == [violation.code for violation in refused.value.violations]


async def test_statements_come_by_themselves(world: World) -> None:
    """When a month has ended in the program's time zone, for all who had something."""
    await world.earn(1000)
    await world.join()
    world.crm.clock.set(datetime(2027, 7, 1, 0, 30, tzinfo=UTC))
    await world.crm.work_off()
    early = await world.crm.execute("{ loyaltyStatements { totalCount } }")
    world.crm.clock.set(datetime(2027, 7, 1, 6, 30, tzinfo=UTC))
    await world.crm.work_off()
    text = "{ loyaltyStatements { nodes { period closing member { id } } } }"
    answer = await world.crm.execute(text)
    member = {"id": ids.encode("loyalty_member", world.member["id"])}

    assert 0 == early["data"]["loyaltyStatements"]["totalCount"]
    assert [{"period": "2027-06", "closing": "1000", "member": member}] == answer["data"]["loyaltyStatements"]["nodes"]


LIABILITY = """query ($id: ID!, $at: DateTime) { loyaltyLiability(currencyId: $id, asOf: $at) {
  estimate redemption outstanding owed net total { earned redeemed expected breakage
    price { amount currency } allocated { amount } released { amount } liability { amount } provision { amount } }
  cohorts { month outstanding } } }"""


async def test_example_52_through_the_crm(world: World) -> None:
    """1,000.00 EUR of goods with 10,000 points of a cent, 95 % of which are expected: 86.76 deferred; 41.10 earned by 4,500."""
    estimate = loyalty_set_breakage
    await world.run(lambda work: estimate(work, world.currency["id"], Decimal("0.95"), "Experience"))
    source = await world.sell(1_000_00)
    await world.earn(10_000, source=source)
    await world.earn(500)
    world.crm.clock.set(JUNE + timedelta(days=200))
    await world.redeem(4_500)
    world.crm.clock.set(JUNE + timedelta(days=201))
    variables = {"id": ids.encode("loyalty_currency", world.currency["id"]), "at": "2027-06-30T00:00:00Z"}
    june = (await world.crm.execute(LIABILITY, variables))["data"]["loyaltyLiability"]
    now = (await world.crm.execute(LIABILITY, {**variables, "at": None}))["data"]["loyaltyLiability"]

    assert (1, "0.95", "10500", "0", "10500") == tuple(
        june[n] for n in ("estimate", "redemption", "outstanding", "owed", "net")
    )
    assert {
        "earned": "10500", "redeemed": "0", "expected": "9975", "breakage": "525",
        "price": {"amount": "1000.00", "currency": "EUR"}, "allocated": {"amount": "86.76"},
        "released": {"amount": "0.00"}, "liability": {"amount": "86.76"}, "provision": {"amount": "4.75"},
    } == june["total"]  # fmt: skip
    # 86.76 x 4,500 / 9,975
    assert ("39.14", "47.62") == (now["total"]["released"]["amount"], now["total"]["liability"]["amount"])
    assert [{"month": "2027-06", "outstanding": "6000"}] == now["cohorts"]


async def test_refunds_and_taxes_are_no_price(world: World) -> None:
    """Of 119.00 with 19.00 tax, half of which was refunded, 50.00 are left to be shared."""
    source = await world.sell(119_00, subtotal=100_00, tax=19_00)
    await world.earn(100, source=source)
    await world.crm.make(
        "order_refund", order=ids.encode("order", _uuid(source)), amount=59_50, shipping=0, currency="EUR", at=JUNE
    )
    found = await report(world.crm.database, world.currency["id"], JUNE + timedelta(days=1))

    assert 50_00 == found.totals.cohort.price


def _uuid(source: ledger.Source) -> Any:
    return ids.split(f"order_{source.id}")[1]


async def test_the_liability_is_that_of_the_trial_balance(world: World) -> None:
    """What members owe after a claw-back is told apart; the rest is what our own accounts add up to."""
    await world.crm.database.execute("update loyalty_currency set floor = -1000")
    row = await world.earn(500)
    await world.redeem(400)
    await world.reverse(row)
    found = await report(world.crm.database, world.currency["id"], JUNE + timedelta(days=1))
    balances = await house_balances(world.crm.database, world.currency["id"], JUNE + timedelta(days=1))

    assert (0, -400) == (found.outstanding, found.net)
    assert found.net == -sum(balances.values())


async def test_checkpoints_change_nothing_but_the_time_it_takes(world: World) -> None:
    """Balances of any instant are the same with and without, and noting them twice is noting them once."""
    await world.earn(500)
    world.crm.clock.move(days=3)
    await world.redeem(200)
    instants = [JUNE + timedelta(days=days) for days in (0, 1, 3, 4)]
    before = [await house_balances(world.crm.database, world.currency["id"], at) for at in instants]
    for _ in "12":
        await world.run(lambda work: checkpoint(work, JUNE + timedelta(days=2)))
    after = [await house_balances(world.crm.database, world.currency["id"], at) for at in instants]
    kept = await world.crm.database.fetch_value("select count(*) from loyalty_checkpoint")

    assert (before, 5) == (after, kept)
    assert (-500, 200) == (after[3]["ISSUED"], after[3]["REDEEMED"])


async def test_a_checkpoint_is_used(world: World) -> None:
    """Entries before it are not added up again."""
    await world.earn(500)
    await world.run(lambda work: checkpoint(work, JUNE + timedelta(days=2)))
    await world.crm.database.execute("update loyalty_checkpoint set balance = balance - 7 where house = 'ISSUED'")
    found = await house_balances(world.crm.database, world.currency["id"], JUNE + timedelta(days=4))

    assert -507 == found["ISSUED"]


async def test_estimates_have_versions(world: World) -> None:
    """A new one never changes what was reported before."""
    currency = world.currency["id"]
    await world.run(
        lambda work: loyalty_set_breakage(work, currency, Decimal("0.9"), "First", [Decimal("0.5"), Decimal(1)])
    )
    world.crm.clock.move(days=10)
    second = await world.run(lambda work: loyalty_set_breakage(work, currency, Decimal("0.8"), "Second"))
    with pytest.raises(errors.Invalid, match="reported"):
        await world.run(lambda work: loyalty_set_breakage(work, currency, Decimal("0.7"), "Third", valid_from=JUNE))
    numbers = [
        (await report(world.crm.database, currency, JUNE + timedelta(days=days))).estimate.number
        for days in (-1, 1, 12)
    ]

    assert (2, "0.8", [0, 1, 2]) == (second["number"], second["redemption"], numbers)


@pytest.mark.parametrize(
    ("rate", "curve", "reason", "path"),
    [("1.1", [], "x", "redemption"), ("0.5", ["0.6", "0.5"], "x", "curve"), ("0.5", [], " ", "reason")],
)
async def test_an_estimate_that_cannot_be_is_refused(
    world: World, rate: str, curve: list[str], reason: str, path: str
) -> None:
    """Shares are from 0 to 1 and rise; and somebody has to say where they come from."""
    shares = [Decimal(share) for share in curve]
    with pytest.raises(errors.Invalid) as refused:
        await world.run(lambda work: loyalty_set_breakage(work, world.currency["id"], Decimal(rate), reason, shares))

    assert [path] == [violation.path for violation in refused.value.violations]


async def test_breakage_is_observed(world: World) -> None:
    """Three months whose points are redeemed 10 % at once, 20 % more a month later, then no more: 30 % is expected."""
    with pytest.raises(errors.Invalid, match="whole months"):
        await world.run(lambda work: loyalty_observe_breakage(work, world.currency["id"]))
    for month in (6, 7, 8):
        world.crm.clock.set(datetime(2027, month, 10, tzinfo=UTC))
        await world.earn(1000)
    await _redeemed(world, {6: (100, 6), 7: (200, 6), 8: (0, 6)})
    await _redeemed(world, {7: (100, 7), 8: (200, 7)})
    await _redeemed(world, {8: (100, 8)})
    world.crm.clock.set(datetime(2027, 9, 2, tzinfo=UTC))
    row = await world.run(lambda work: loyalty_observe_breakage(work, world.currency["id"]))

    assert ("OBSERVED", "0.3", ["0.333333", "1", "1"]) == (row["basis"], row["redemption"], _json(row["curve"]))


async def _redeemed(world: World, spent: dict[int, tuple[int, int]]) -> None:
    # Past the ledger: FIFO would take the oldest points first.
    for month, (points, cohort) in spent.items():
        at = datetime(2027, month, 20, tzinfo=UTC)
        row = {"id": ids.new(), "kind": "REDEMPTION", "status": "POSTED", "currency_id": world.currency["id"]}
        row |= {"member_id": world.member["id"], "points": points, "event_at": at, "recorded_at": at}
        lots = await world.crm.database.fetch("select id, earned_at from loyalty_lot")
        lot = next(id for id, earned in lots if earned.month == cohort)

        async def unit(work: Work, row: Any = row, lot: Any = lot, points: int = points) -> None:
            await work.insert("loyalty_transaction", {**row, "fingerprint": "", "actor": {}})
            await work.database.execute(
                "insert into loyalty_lot_move (id, transaction_id, lot_id, bucket, amount) values ($1, $2, $3, 'AVAILABLE', $4)",
                ids.new(), row["id"], lot, -points,
            )  # fmt: skip

        await world.run(unit)


async def test_the_journal_is_balanced_and_says_what_the_report_says(world: World) -> None:
    """Debits are credits; what the lines leave on the account of the liability is the liability."""
    source = await world.sell(1_000_00)
    await world.earn(10_000, source=source)
    await world.earn(500)
    world.crm.clock.move(days=5)
    await world.redeem(4_500)
    world.crm.clock.move(days=1)
    text = """query ($id: ID!) { loyaltyJournal(currencyId: $id, since: "2027-06-01", until: "2027-07-01") {
      day account debit { amount } credit { amount } text } }"""
    lines = (await world.crm.execute(text, {"id": ids.encode("loyalty_currency", world.currency["id"])}))["data"][
        "loyaltyJournal"
    ]
    sides = [sum((Decimal(line[s]["amount"]) for line in lines if line[s]), Decimal(0)) for s in ("debit", "credit")]
    owed = sum(
        (Decimal((line["credit"] or {"amount": 0})["amount"]) - Decimal((line["debit"] or {"amount": 0})["amount"]))
        for line in lines
        if line["account"] == "2500"
    )
    found = await report(world.crm.database, world.currency["id"], world.crm.clock.now())

    assert sides[0] == sides[1] > 0
    assert Decimal(found.totals.liability) / 100 == owed
    assert ["2027-06-10"] * 4 + ["2027-06-15"] * 4 == [line["day"] for line in lines]


async def test_figures_are_not_for_everybody(world: World) -> None:
    """Reports need loyalty.report, estimates loyalty.estimate, besides the right to read the currency."""
    rights = {
        f"{e}:{a}": Scope.ALL for e in ("customer", "loyalty_currency", "loyalty_program") for a in ("read", "update")
    }
    actor = Actor(ActorType.USER, None, "agent", access=Access(scopes=rights, permissions=frozenset()))
    variables = {"id": ids.encode("loyalty_currency", world.currency["id"])}
    seen = await world.crm.execute(
        "query ($id: ID!) { loyaltyLiability(currencyId: $id) { net } }", variables, actor=actor
    )
    text = 'mutation ($id: ID!) { loyaltySetBreakage(currencyId: $id, redemption: "1", reason: "x") { ... on Problem { code } } }'
    made = await world.crm.execute(text, variables, actor=actor)

    assert "FORBIDDEN" == seen["errors"][0]["extensions"]["code"]
    assert {"code": "FORBIDDEN"} == made["data"]["loyaltySetBreakage"]


def test_the_command_line_writes_for_the_accounts(tmp_path: Path) -> None:
    """CSV with a heading or JSON, statements drawn and compared, tiers evaluated; of an empty CRM there is nothing to tell."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    assert 0 == CliRunner().invoke(main, ["migrate", "--database", url]).exit_code

    def loyalty(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["loyalty", *words, "--database", url])
        return done.exit_code, done.stdout

    days = ("--from", "2027-06-01", "--until", "2027-07-01")
    heading = "day,program,currency,account,debit,credit,money,text\n"

    assert (0, heading) == loyalty("journal", *days)
    assert (0, "[]\n") == loyalty("journal", *days, "--format", "json")
    assert [(0, "0 drawn.\n"), (0, "0 differ.\n")] == [
        loyalty("statements", "2027-06", *more) for more in ((), ("--check",))
    ]
    assert [0, {"evaluated": 0, "changed": 0}] == [
        (found := loyalty("tiers", "--all", "--json"))[0],
        {k: v for k, v in json.loads(found[1]).items() if k != "seconds"},
    ]
    assert (0, "0 differ.\n") == loyalty("tiers", "--check")
    assert (0, True) == ((told := loyalty("tiers"))[0], told[1].startswith("0 evaluated, 0 changed"))
