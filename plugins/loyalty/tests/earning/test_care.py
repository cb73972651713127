"""Birthdays and holidays, once a year, on the right day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from earning_world import world

from crmcore.testing import TestCrm


async def test_a_birthday_is_kept_once_a_year(crm: TestCrm) -> None:
    """At midnight by the program's clocks, however often the job runs, and again the next year."""
    made = await world(crm)
    await made.rule(trigger="BIRTHDAY")
    bob = await made.member(customer={"birth_date": date(1990, 3, 3)})
    crm.clock.set(datetime(2026, 3, 2, 15, 59, tzinfo=UTC))
    await crm.work_off()
    before = await made.available(bob)
    for hour in (16, 17, 22):
        crm.clock.set(datetime(2026, 3, 2, hour, 8, tzinfo=UTC))
        await crm.work_off()
    once = await made.available(bob)
    crm.clock.set(datetime(2027, 3, 2, 16, 8, tzinfo=UTC))
    await crm.work_off()

    assert (0, 10, 20, 0) == (before, once, await made.available(bob), await made.available())


async def test_a_day_that_is_looked_at_again_counts_nothing_twice(crm: TestCrm) -> None:
    """As after a crash in the middle of a day: neither points nor the rule's count."""
    made = await world(crm)
    await made.rule(trigger="BIRTHDAY", first=5)
    bob = await made.member(customer={"birth_date": date(1990, 3, 3)})
    crm.clock.set(datetime(2026, 3, 2, 16, 8, tzinfo=UTC))
    await crm.work_off()
    await crm.database.execute("delete from loyalty_care_day")
    crm.clock.move(hours=1)
    await crm.work_off()

    assert 10 == await made.available(bob)
    assert [(1, 10)] == await crm.database.fetch("select times, points from loyalty_rule_use")


async def test_days_that_were_missed_are_made_up_for(crm: TestCrm) -> None:
    """After a stop of three days, with the points of the day itself."""
    made = await world(crm)
    await made.rule(trigger="BIRTHDAY")
    bob = await made.member(customer={"birth_date": date(1988, 3, 4)})
    crm.clock.set(datetime(2026, 3, 6, 12, 8, tzinfo=UTC))
    await crm.work_off()
    (given,) = await made.find("loyalty_transaction", member_id=bob["id"])

    assert (10, datetime(2026, 3, 3, 16, tzinfo=UTC)) == (await made.available(bob), given["event_at"])


async def test_the_spring_festival_is_a_rule(crm: TestCrm) -> None:
    """All members have it on 2027-02-06, though a new revision was published since the last one."""
    made = await world(crm)
    await made.rule(trigger="HOLIDAY", calendar="CHINESE", month=1, day=1, points=88)
    bob = await made.member()
    crm.clock.set(datetime(2027, 2, 5, 16, 8, tzinfo=UTC))
    await crm.work_off()
    await made.rule(trigger="HOLIDAY", calendar="CHINESE", month=1, day=1, points=99)
    crm.clock.move(hours=1)
    await crm.work_off()

    assert (88, 88) == (await made.available(), await made.available(bob))


async def test_joining_earns_for_both(crm: TestCrm) -> None:
    """Once, since enrolling again finds the member."""
    made = await world(crm)
    await made.rule("HELLO", trigger="SIGN_UP", points=5)
    await made.rule("THANKS", trigger="SIGN_UP", points=9, recipient="REFERRER")
    bob = await made.member(referrer_id=made.ada["id"])

    assert (5, 9) == (await made.available(bob), await made.available())
