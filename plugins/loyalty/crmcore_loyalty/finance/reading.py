"""What finance goes by, read out of ledger and orders: points by the month they were earned in and the day that something happened."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore import Database
from crmcore_loyalty.finance.cohorts import Fact

__all__ = ["facts"]

#: By `lot.earned_at`, which points keep when they are transferred, merged or given back.
_CAME = """
select l.earned_at as earned, t.recorded_at as at, l.original as outstanding,
  case when t.kind = 'REVERSAL' and o.kind in ('REDEMPTION', 'CAPTURE') then -l.original else 0 end as redeemed,
  0 as expired, 0 as sold, 0 as price
from loyalty_lot l
join loyalty_transaction t on t.id = l.transaction_id
left join loyalty_transaction o on o.id = t.reverses_id and t.kind = 'REVERSAL'
where l.currency_id = $1 and l.came_as is not null and t.recorded_at < $2
"""
_MOVED = """
select l.earned_at as earned, t.recorded_at as at, m.amount as outstanding,
  case when t.kind in ('REDEMPTION', 'CAPTURE') or (t.kind = 'REVERSAL' and o.kind in ('REDEMPTION', 'CAPTURE'))
    then -m.amount else 0 end as redeemed,
  case when t.kind in ('EXPIRY', 'FORFEIT') then -m.amount else 0 end as expired, 0 as sold, 0 as price
from loyalty_lot_move m
join loyalty_lot l on l.id = m.lot_id
join loyalty_transaction t on t.id = m.transaction_id
left join loyalty_transaction o on o.id = t.reverses_id and t.kind = 'REVERSAL'
where l.currency_id = $1 and t.recorded_at < $2
"""
_SOLD = """
select t.event_at as earned, t.recorded_at as at, 0 as outstanding, 0 as redeemed, 0 as expired, t.points as sold, 0 as price
from loyalty_transaction t
where t.currency_id = $1 and t.recorded_at < $2 and t.kind = 'ACCRUAL' and t.status = 'POSTED' and t.source_type = 'order'
union all
select o.event_at, t.recorded_at, 0, 0, 0, -t.points, 0
from loyalty_transaction t join loyalty_transaction o on o.id = t.reverses_id
where t.currency_id = $1 and t.recorded_at < $2 and t.kind in ('REVERSAL', 'CANCELLATION') and t.status = 'POSTED'
  and o.kind = 'ACCRUAL' and o.source_type = 'order'
"""
#: Orders that have earned, each once, in the month it did; what is owed to the state is no price (IFRS 15.47).
_ORDERS = """
with paid as (
  select o.id, min(t.event_at) as earned, min(t.recorded_at) as at, o.total, o.total - o.tax as net, o.refunded, o.cancelled_at
  from loyalty_transaction t join orders_order o on o.id = case when t.source_type = 'order' then {source} end
  where t.currency_id = $1 and t.recorded_at < $2 and t.kind = 'ACCRUAL' and t.status = 'POSTED' and t.source_type = 'order'
    and o.currency = {money} and o.total > 0
  group by o.id, o.total, o.tax, o.refunded, o.cancelled_at
)
select p.earned as earned, p.at as at, 0 as outstanding, 0 as redeemed, 0 as expired, 0 as sold, p.net as price from paid p
union all
select p.earned, r.at, 0, 0, 0, 0, -(r.amount * p.net / p.total)
from paid p join order_refund r on r.order_id = p.id and r.deleted_at is null and r.at < $2
union all
select p.earned, p.cancelled_at, 0, 0, 0, 0, p.refunded * p.net / p.total - p.net
from paid p where p.cancelled_at < $2
"""
_SUMS = "sum(outstanding), sum(redeemed), sum(expired), sum(sold), sum(price)"


async def facts(
    database: Database, currency_id: UUID, money: str | None, zone: ZoneInfo, before: datetime
) -> list[Fact]:
    """Return what was recorded of a currency's points before an instant, by month of earning and day of recording.

    Args:

        database: where.
        currency_id: which currency.
        money: the currency of prices, None if points have no value.
        zone: of the program, by whose days and months it goes.
        before: the instant.
    """
    found: dict[tuple[str, date], Fact] = {}
    queries = [_CAME, _MOVED, _SOLD, *([_ORDERS] if money else [])]
    for sql in queries:
        for earned, at, *sums in await database.fetch(
            *_grouped(database.dialect, sql, currency_id, before, zone, money)
        ):
            month, day = _month(earned, zone), _day(at, zone)
            was = found.get((month, day)) or Fact(month, day)
            more = [int(value) for value in sums]
            now = (was.outstanding, was.redeemed, was.expired, was.sold, was.price)
            found[month, day] = Fact(month, day, *(a + b for a, b in zip(now, more, strict=True)))
    return [found[key] for key in sorted(found)]


def _grouped(
    dialect: str, sql: str, currency_id: UUID, before: datetime, zone: ZoneInfo, money: str | None
) -> tuple[str, *tuple[Any, ...]]:
    values: list[Any] = [currency_id, before]
    # SQLite knows no time zones: by the minute, of which there is a whole number in every offset.
    month, day = "substr(earned, 1, 16)", "substr(at, 1, 16)"
    source = "t.source_id"
    if dialect == "postgresql":
        values.append(zone.key)
        month, day = "to_char(earned at time zone $3, 'YYYY-MM')", "to_char(at at time zone $3, 'YYYY-MM-DD')"
        source = "t.source_id::uuid"
    if "{money}" in sql:
        values.append(money)
    inner = sql.replace("{source}", source).replace("{money}", f"${len(values)}")
    return f"select {month}, {day}, {_SUMS} from ({inner}) as f group by 1, 2", *values


def _month(text: str, zone: ZoneInfo) -> str:
    return text if len(text) == len("2027-03") else f"{_day(text, zone):%Y-%m}"


def _day(text: str, zone: ZoneInfo) -> date:
    if len(text) == len("2027-03-01"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(zone).date()
