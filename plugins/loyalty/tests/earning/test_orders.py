"""Orders earn by themselves, and what is given back takes points back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.earning.orders import settle_order
from crmcore_loyalty.earning.settling import settle
from crmcore_loyalty.program.leaving import loyalty_close, loyalty_freeze
from crmcore_loyalty.tiers.by_hand import loyalty_override_tier
from crmcore_orders.actions import order_cancel, order_complete
from crmcore_orders.drafts import OrderDraftLine
from earning_world import NOON, SYSTEM, World, world

from crmcore import Actor, ActorType, Money, Work
from crmcore.testing import TestCrm, crash_after

_WAITING = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
IMPORT = Actor(ActorType.IMPORT, "import_1", "orders.csv", access=SYSTEM.access)
PER_EURO = {"effect": "PER_AMOUNT", "points": 1, "per_amount": 100, "money": "EUR"}


async def reversals(made: World) -> list[int]:
    """Return what was taken back, one number a transaction."""
    found = await made.find("loyalty_transaction", kind="REVERSAL")
    return sorted(one["points"] for one in found)


async def test_a_paid_order_earns_soon_after(crm: TestCrm) -> None:
    """By a job of its own; placing it earns nothing where the program says PAID."""
    made = await world(crm)
    await made.rule(**PER_EURO)
    await made.order(2550, pay=False)
    await crm.work_off()
    placed = await made.available()
    await made.order(2550)
    await crm.work_off()

    assert (0, 25) == (placed, await made.available())


async def test_an_order_earns_once_however_often_it_is_told(crm: TestCrm) -> None:
    """A second attempt, also after a crash right after the first one's commit, changes nothing."""
    made = await world(crm)
    await made.rule(**PER_EURO, first=1)
    order = await made.order(2550)
    with crash_after("commit"):
        await crm.work_off()
    await crm.work_off()
    await crm.put(settle_order(order_id=order["id"]))
    await crm.work_off()

    assert 25 == await made.available()
    assert [1] == [times for (times,) in await crm.database.fetch("select times from loyalty_rule_use")]


async def test_an_order_settled_by_many_at_once_earns_once(crm: TestCrm) -> None:
    """And loses a refund's share once; the count of the rule is one."""
    made = await world(crm)
    await made.rule(**PER_EURO, first=9)
    order = await made.order(1000)
    await asyncio.gather(*(made.run(lambda work: settle(work, made.program, order["id"])) for _ in range(5)))
    await made.refund(order, (1, 300))
    await asyncio.gather(*(made.run(lambda work: settle(work, made.program, order["id"])) for _ in range(5)))

    assert (7, [3]) == (await made.available(), await reversals(made))
    assert [1] == [times for (times,) in await crm.database.fetch("select times from loyalty_rule_use")]


async def test_who_settles_waits_for_who_is_at_it(crm: TestCrm) -> None:
    """A refund that is written while an earlier one is settled takes back its own share only: 3 and then 2 of 10 points."""
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing is written while somebody settles.")
    made = await world(crm)
    await made.rule(**PER_EURO)
    order = await made.order(1000)
    await crm.work_off()
    await made.refund(order, (1, 300))
    settled, leave = asyncio.Event(), asyncio.Event()

    async def slowly(work: Work) -> None:
        await settle(work, made.program, order["id"])
        settled.set()
        await leave.wait()

    slow = asyncio.create_task(made.run(slowly))
    await settled.wait()
    await made.refund(order, (1, 200))
    quick = asyncio.create_task(made.run(lambda work: settle(work, made.program, order["id"])))
    while not await crm.database.fetch(_WAITING):  # noqa: ASYNC110 - only the database knows that somebody waits
        await asyncio.sleep(0)
    leave.set()
    await asyncio.gather(slow, quick)

    assert (5, [2, 3]) == (await made.available(), await reversals(made))


async def test_a_refund_takes_back_its_share(crm: TestCrm) -> None:
    """10.00 of 25.50 take back 10 of 25 points: 9.8 to the nearest one."""
    made = await world(crm)
    await made.rule(**PER_EURO)
    order = await made.order(1000, 1550)
    await crm.work_off()
    await made.refund(order, (1, 1000))
    await crm.work_off()

    assert (15, [10]) == (await made.available(), await reversals(made))


async def test_many_small_refunds_come_to_what_one_comes_to(crm: TestCrm) -> None:
    """Three refunds of 3.33 and one of the last cent take back all of 10 points, never more."""
    made = await world(crm)
    await made.rule(**PER_EURO)
    order = await made.order(1000)
    left = []
    for cents in (333, 333, 333, 1):
        await made.refund(order, (1, cents))
        await crm.work_off()
        left.append(await made.available())

    assert [7, 3, 0, 0] == left
    assert 10 == sum(await reversals(made))


@pytest.mark.parametrize(
    "told",
    ["complete work refund work", "refund work complete work", "refund complete work", "complete refund work work"],
)
async def test_what_comes_out_of_order_comes_out_the_same(crm: TestCrm, told: str) -> None:
    """Whether a refund is known before, with or after what lets the order earn, 6 of 10 points stay."""
    made = await world(crm, order_trigger="COMPLETED")
    await made.rule(**PER_EURO)
    order = await made.order(1000)
    for what in told.split():
        if what == "complete":
            await made.run(lambda work: order_complete(work, order["id"]))
        elif what == "refund":
            await made.refund(order, (1, 400))
        else:
            await crm.put(settle_order(order_id=order["id"]))
            await crm.work_off()

    assert 6 == await made.available()


async def test_lines_lose_what_they_earned_themselves(crm: TestCrm) -> None:
    """Only tea earns; giving back the coffee takes nothing."""
    made = await world(crm)
    await made.rule("TEA", trigger="ORDER_LINE", condition="line.total == 1000", points=40)
    order = await made.order(1000, 500)
    await crm.work_off()
    await made.refund(order, (2, 500))
    await crm.work_off()
    after_coffee = await made.available()
    await made.refund(order, (1, 1000))
    await crm.work_off()

    assert (40, 0) == (after_coffee, await made.available())


async def test_a_cancelled_order_keeps_nothing(crm: TestCrm) -> None:
    """All that it earned is taken back, what a factor added too."""
    made = await world(crm)
    await made.rule(**PER_EURO)
    await made.rule("TWICE", effect="MULTIPLY", points=0, factor="2")
    order = await made.order(2500)
    await crm.work_off()
    earned = await made.available()
    await made.run(lambda work: order_cancel(work, order["id"]))
    await crm.work_off()

    assert (50, 0) == (earned, await made.available())


async def test_what_was_spent_is_clawed_back_down_to_the_floor(crm: TestCrm) -> None:
    """Points from an order that is given back, and were spent, leave a balance below zero as far as the floor allows."""
    made = await world(crm, currency={"floor": -4})
    await made.rule(**PER_EURO)
    order = await made.order(1000)
    await crm.work_off()
    spent = ledger.Redemption(member_id=made.ada["id"], currency_id=made.currency["id"], points=8)
    await made.run(lambda work: ledger.redeem(work, spent))
    await made.refund(order, (1, 1000))
    await crm.work_off()

    assert -4 == await made.available()


async def test_the_first_order_of_who_was_brought_earns_on_both_sides(crm: TestCrm) -> None:
    """Once: the second order earns nothing by REFERRAL."""
    made = await world(crm)
    await made.rule("NEW", trigger="REFERRAL", points=50)
    await made.rule("FRIEND", trigger="REFERRAL", points=100, recipient="REFERRER")
    bob = await made.member(referrer_id=made.ada["id"])
    customer = {"id": bob["customer_id"]}
    for _ in range(2):
        await made.order(1000, customer=customer)
        await crm.work_off()

    assert (50, 100) == (await made.available(bob), await made.available())


async def test_a_first_order_enrols_where_the_program_says_so(crm: TestCrm) -> None:
    """And earns at once; a second one finds the member."""
    made = await world(crm, join_policy="FIRST_ORDER")
    await made.rule(**PER_EURO)
    customer = await crm.make("customer")
    for _ in range(2):
        await made.order(1000, customer=customer)
        await crm.work_off()
    (member,) = await made.find("loyalty_member", customer_id=customer["id"])

    assert (20, NOON) == (await made.available(member), member["enrolled_at"])


async def test_limits_hold_over_orders(crm: TestCrm) -> None:
    """Twice a day is twice, however many orders there are; the next day in Shanghai gives again."""
    made = await world(crm)
    await made.rule(limit_times=2, limit_period="DAY")
    for _ in range(3):
        await made.order(1000)
    await crm.work_off()
    today = await made.available()
    crm.clock.move(hours=4, seconds=1)
    await made.order(1000)
    await crm.work_off()

    assert (20, 30) == (today, await made.available())


async def test_a_frozen_member_earns_nothing_and_it_is_said(crm: TestCrm) -> None:
    """The refusal is in the ledger, and does not use up the rule's budget."""
    made = await world(crm)
    await made.rule(budget=100)
    await made.run(lambda work: loyalty_freeze(work, made.ada["id"], "Looks odd."))
    await made.order(1000)
    await crm.work_off()
    (declined,) = await made.find("loyalty_transaction", status="DECLINED")

    assert ("MEMBER_FROZEN", 0) == (declined["reason_code"], await made.available())
    assert [0] == [points for (points,) in await crm.database.fetch("select points from loyalty_rule_use")]


async def test_points_of_a_rule_wait_as_it_says(crm: TestCrm) -> None:
    """Until so many days are over, or until somebody says so."""
    made = await world(crm)
    await made.rule("DAYS", pending_days=3, points=5)
    await made.rule("EVENT", pending_until_event=True, points=7)
    await made.order(1000)
    await crm.work_off()

    assert (0, 12) == (await made.available(), await made.pending())


async def test_orders_from_before_the_enrolment_earn_nothing(crm: TestCrm) -> None:
    """Who joins today has not earned for yesterday."""
    made = await world(crm)
    await made.rule()
    await made.order(1000, placed_at=NOON - timedelta(days=1), paid_at=NOON - timedelta(days=1))
    await crm.work_off()

    assert 0 == await made.available()


async def test_orders_from_a_file_earn_nothing_unless_the_setting_says_so(crm: TestCrm) -> None:
    """History is history."""
    made = await world(crm)
    await made.rule()
    await made.order(1000, actor=IMPORT)
    await crm.work_off()

    assert 0 == await made.available()


@pytest.mark.crm_settings(plugins={"loyalty": {"earn_on_import": True}})
async def test_orders_from_a_file_earn_by_choice(crm: TestCrm) -> None:
    """Those from before the enrolment too."""
    made = await world(crm)
    await made.rule()
    await made.order(1000, actor=IMPORT, placed_at=NOON - timedelta(days=1), paid_at=NOON - timedelta(days=1))
    await crm.work_off()

    assert 10 == await made.available()


async def test_categories_of_products_are_seen(crm: TestCrm) -> None:
    """Three points for each piece of tea; the cup earns nothing."""
    made = await world(crm)
    drinks = await crm.make("order_category", code="DRINKS", title="Drinks")
    tea = await crm.make("order_product", sku="TEA", title="Tea")
    await crm.make("order_product_category", product=tea, category=drinks)
    await made.rule(trigger="ORDER_LINE", condition="'DRINKS' in line.categories", points=3)
    lines = [
        OrderDraftLine(product_id=tea["id"], quantity=2, unit_price=Money(500, "EUR")),
        OrderDraftLine(title="Cup", unit_price=Money(900, "EUR")),
    ]
    await made.order(lines=lines)
    await crm.work_off()

    assert 6 == await made.available()


async def test_tiers_multiply_and_are_seen(crm: TestCrm) -> None:
    """Gold makes 10 points 15 where the rule is tiered, and is what another rule asks for."""
    made = await world(crm)
    group = await crm.make("loyalty_tier_group", program=made.program, currency=made.currency)
    gold = await crm.make("loyalty_tier", group=group, code="GOLD", threshold=100_000, earn_percent=150)
    await made.run(lambda work: loyalty_override_tier(work, made.ada["id"], gold["id"], "A friend of the house."))
    await made.rule("TIERED", tiered=True)
    await made.rule("GOLD", condition="'GOLD' in member.tiers", points=1)
    await made.rule("BLACK", condition="'BLACK' in member.tiers", points=100)
    await made.order(1000)
    await crm.work_off()

    assert 16 == await made.available()


async def test_who_brought_somebody_may_have_gone_on_as_another(crm: TestCrm) -> None:
    """Then that one earns; nobody does for a referrer who has left."""
    made = await world(crm)
    await made.rule("FRIEND", trigger="SIGN_UP", recipient="REFERRER")
    bob = await made.member()
    await made.run(lambda work: ledger.merge(work, made.ada["id"], bob["id"]))
    await made.member(referrer_id=made.ada["id"])
    after_merge = await made.available(bob)
    await made.run(lambda work: loyalty_close(work, bob["id"], None))
    await made.member(referrer_id=bob["id"])

    assert (10, 0) == (after_merge, await made.available(bob))
