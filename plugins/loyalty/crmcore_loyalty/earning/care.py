"""Birthdays and holidays: each day, by the program's clocks, those whom a rule is about get what it gives, once a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from crmcore import Row, Run, Schedule, Work, clock, ids, job
from crmcore_loyalty.earning import calendars, loading
from crmcore_loyalty.earning.giving import Happening, give
from crmcore_loyalty.earning.members import facts_of
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.ledger import Source
from crmcore_loyalty.sets import as_uuid, members_of
from crmcore_loyalty.tables.program import LoyaltyMemberStatus, LoyaltyProgramStatus
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["HOURLY", "care"]

#: Days that are made up for after a stop.
_BACK = 7
_PAGE = 200
_DAY = timedelta(days=1)

_MAKE = """
    insert into loyalty_care_day (id, program_id, day, done) values ($1, $2, $3, $4)
    on conflict (program_id, day) do update set done = excluded.done
"""
_DONE = "select day from loyalty_care_day where program_id = $1 and day >= $2 and done = $3"
_EVERYBODY = """
    select m.id from loyalty_member m
    where m.program_id = $1 and m.status = $2 and m.id > $3 and m.customer_id is not null order by m.id limit $4
"""
_BORN = """
    select m.id from loyalty_member m join customer c on c.id = m.customer_id
    where m.program_id = $1 and m.status = $2 and m.id > $3 and c.deleted_at is null and c.birth_date in ({}) order by m.id
    limit $4
"""
#: Where births are stored sealed, those who were born on these days are looked up first.
_THEY = """
    select m.id from loyalty_member m
    where m.program_id = $1 and m.status = $2 and m.id > $3 and m.customer_id in ({}) order by m.id limit $4
"""
_NOBODY = UUID(int=0)


@job(retries=5, at_once=1, timeout=3600.0)
async def care(run: Run) -> None:
    """Look at birthdays and holidays of today, and of days that were missed, in each program."""
    for program in await run.work(lambda work: work.find("loyalty_program", status=LoyaltyProgramStatus.ACTIVE.name)):
        today = clock.now().astimezone(ZoneInfo(program["timezone"])).date()
        for day in await run.work(lambda work, p=program, t=today: _due(work, p, t)):  # type: ignore[misc]
            await _day(run, program, day)


#: Midnight comes at another hour in each zone.
HOURLY = Schedule(care(), cron="7 * * * *", zone="UTC")


async def _due(work: Work, program: Row, today: date) -> list[date]:
    begin = max(today - _BACK * _DAY, program["created_at"].astimezone(ZoneInfo(program["timezone"])).date())
    rows = await work.database.fetch(_DONE, program["id"], begin, True)
    done = {day if isinstance(day, date) else date.fromisoformat(day) for (day,) in rows}
    days = [begin + n * _DAY for n in range((today - begin).days + 1)]
    return [day for day in days if day not in done]


async def _day(run: Run, program: Row, day: date) -> None:
    triggers = (Trigger.BIRTHDAY, Trigger.HOLIDAY)
    rules = await run.work(lambda work: loading.published(work, program["id"], triggers))
    for rule in rules:
        births = _births(rule, day)
        last: UUID | None = None if births == [] else _NOBODY
        while last is not None:
            last = await run.work(
                lambda work, r=rule, b=births, after=last: _page(work, program, r, day, b, after),  # type: ignore[misc]
                isolation="read committed",
            )
    await run.work(lambda work: work.database.execute(_MAKE, ids.new(), program["id"], day, True))


def _births(rule: Rule, day: date) -> list[date] | None:
    """Return the births that a rule is about on a day; None is everybody's, an empty list nobody's."""
    if rule.trigger is Trigger.BIRTHDAY:
        return calendars.births(rule.calendar, day)
    return None if calendars.is_on(rule.calendar, rule.month or 0, rule.day or 0, day) else []


async def _born(work: Work, params: list[Any], births: list[date]) -> list[tuple[Any, ...]]:
    dialect = work.database.dialect
    if "birth_date" in work.entities["customer"].sealed:
        customers = await work.having("customer", "birth_date", births)
        return await work.database.fetch(_THEY.format(members_of(dialect, 5)), *params, customers)
    return await work.database.fetch(_BORN.format(members_of(dialect, 5, "date")), *params, births)


async def _page(work: Work, program: Row, rule: Rule, day: date, births: list[date] | None, after: UUID) -> UUID | None:
    params = [program["id"], LoyaltyMemberStatus.ACTIVE.name, after, _PAGE]
    if births is None:
        rows = await work.database.fetch(_EVERYBODY, *params)
    else:
        rows = await _born(work, params, births)
    members = [as_uuid(id) for (id,) in rows]
    at = datetime.combine(day, time.min, ZoneInfo(program["timezone"])).astimezone(UTC)
    year = calendars.year_of(rule.calendar, day)
    happenings = []
    for id in members:
        (member,) = await work.find("loyalty_member", id=id)
        facts = await facts_of(work, program, member, {rule.trigger}, max(at, member["enrolled_at"]))
        source = Source(type="loyalty_rule", id=f"{rule.id}/{year}")
        happenings.append(
            Happening(id=uuid5(id, f"{rule.trigger.name}:{rule.code}:{year}"), facts=facts, source=source)
        )
    await give(work, program, happenings, only=rule.id)
    return members[-1] if len(members) == _PAGE else None
