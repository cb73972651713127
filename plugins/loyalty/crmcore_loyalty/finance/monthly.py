"""What is done when a month has ended: statements for everybody; and every day a checkpoint of our own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore import Crm, Ref, Row, Run, Schedule, Work, action, clock, errors, job
from crmcore_loyalty.finance.checkpoints import checkpoint
from crmcore_loyalty.finance.months import Month, last_month, month_of
from crmcore_loyalty.finance.permissions import REPORT
from crmcore_loyalty.finance.statements import drawn, keep

__all__ = ["CLOSING", "close_month", "draw_statements", "loyalty_draw_statement"]

_LOT = 500
#: What was recorded in a month is committed by then.
SETTLED = timedelta(hours=1)
#: So long after its end a month's statements are still looked for every day.
_DAYS = timedelta(days=4)
_CURRENCIES = (
    "select c.id, p.timezone from loyalty_currency c join loyalty_program p on p.id = c.program_id "
    "where c.deleted_at is null order by c.id"
)
_ACCOUNTS = (
    "select a.id, a.member_id, a.currency_id from loyalty_account a where a.currency_id = $1 and a.id > $2 "
    "and a.last_version > 0 and not exists (select 1 from loyalty_statement s where s.member_id = a.member_id "
    f"and s.currency_id = a.currency_id and s.period = $3) order by a.id limit {_LOT}"
)


@job(at_once=1, timeout=3600)
async def close_month(run: Run) -> None:
    """Draw the statements of the month that has ended, and note the balances of our own accounts."""
    now = clock.now()
    for currency, timezone in await run.crm.database.fetch(_CURRENCIES):
        month = last_month(now, ZoneInfo(timezone))
        if month.ends + SETTLED <= now < month.ends + _DAYS:
            await draw_statements(run.crm, run.actor, currency, month)
    await run.work(lambda work: checkpoint(work, now - SETTLED))


#: Days end at another hour in each time zone.
CLOSING = Schedule(close_month(), cron="17 */6 * * *")


async def draw_statements(crm: Crm, actor: Any, currency_id: UUID, month: Month) -> int:
    """Draw the statements that are missing of a month, lot by lot; return how many were written."""
    written, after = 0, UUID(int=0)
    while accounts := await crm.database.fetch_dicts(_ACCOUNTS, currency_id, after, month.key):
        written += await crm.run(actor, lambda work, lot=accounts: _draw(work, lot, month))  # type: ignore[misc]
        after = accounts[-1]["id"]
    return written


async def _draw(work: Work, accounts: list[Mapping[str, Any]], month: Month) -> int:
    return await keep(work, (s for s in await drawn(work.database, accounts, month) if not s.empty))


@action(returns="loyalty_statement", permission=REPORT, since="0.1.0")
async def loyalty_draw_statement(
    work: Work,
    member_id: Annotated[UUID, Ref("loyalty_member"), "Whose account."],
    currency_id: Annotated[UUID, Ref("loyalty_currency"), "In which currency."],
    period: Annotated[str, "Which month, as in 2027-03; it must have ended an hour ago."],
) -> Row:
    """Draw a member's statement of a month that has ended; the one that is there, if it was drawn before."""
    member = await work.get("loyalty_member", member_id)
    await work.get("loyalty_currency", currency_id)
    month = await _month(work, member["program_id"], period)
    accounts = await work.rows(
        "select id, member_id, currency_id from loyalty_account where member_id = $1 and currency_id = $2",
        member_id,
        currency_id,
    )
    if not accounts:
        raise errors.Invalid.at("currencyId", "NO_ACCOUNT", "The member has no account in this currency.")
    await keep(work, await drawn(work.database, accounts, month))
    return (await work.find("loyalty_statement", member_id=member_id, currency_id=currency_id, period=month.key))[0]


async def _month(work: Work, program_id: UUID, period: str) -> Month:
    ((timezone,),) = await work.database.fetch("select timezone from loyalty_program where id = $1", program_id)
    try:
        month = month_of(period, ZoneInfo(timezone))
    except ValueError as problem:
        raise errors.Invalid.at("period", "MALFORMED", str(problem)) from None
    if _open(month, work.now):
        raise errors.Invalid.at("period", "NOT_ENDED", f"{period} has not ended an hour ago; ask when it has.")
    return month


def _open(month: Month, now: datetime) -> bool:
    return now < month.ends + SETTLED
