"""Once a day it is seen whose points are about to expire, and who has not been active for long; others are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from crmcore import Event, Ref, Run, Schedule, Work, instants, job, live
from crmcore_loyalty.rewards.events import LoyaltyMemberInactive, LoyaltyPointsExpiring
from crmcore_loyalty.settings import LoyaltySettings

__all__ = ["SCHEDULES", "loyalty_points_expiring", "tell_of_expiry", "tell_of_inactivity"]

# What the sweep has not taken yet although it is due is no warning any more.
_EXPIRING = """
    select l.member_id, l.currency_id, l.expires_at as about, sum(l.remaining) as points from loyalty_lot l
    where l.remaining > 0 and l.expires_at > $1 and l.expires_at <= $2 and not exists (
        select 1 from loyalty_signal s where s.member_id = l.member_id and s.kind = 'EXPIRING' and s.about = l.expires_at
        and s.currency_id = l.currency_id
    )
    group by l.member_id, l.currency_id, l.expires_at order by l.member_id, l.currency_id, l.expires_at limit $3
"""
_INACTIVE = """
    select m.id as member_id, m.active_at, m.enrolled_at from loyalty_member m
    where m.status = 'ACTIVE' and m.deleted_at is null and coalesce(m.active_at, m.enrolled_at) <= $1 and not exists (
        select 1 from loyalty_signal s where s.member_id = m.id and s.kind = 'INACTIVE'
        and s.about = coalesce(m.active_at, m.enrolled_at)
    )
    order by m.id limit $2
"""
_TOLD = "insert into loyalty_signal (id, member_id, kind, currency_id, about, at) values ($1, $2, $3, $4, $5, $6)"
#: Of what is over nobody can be told again.
_FORGET = "delete from loyalty_signal where kind = 'EXPIRING' and about <= $1"

_Found = Sequence[dict[str, Any]]


@job(at_once=1)
async def tell_of_expiry(run: Run) -> None:
    """Tell of points that expire within the days that the settings say."""

    async def unit(work: Work) -> bool:
        settings = work.settings[LoyaltySettings]
        if not settings.warn_days:
            return False
        await work.database.execute(_FORGET, work.now)
        until = work.now + timedelta(days=settings.warn_days)
        found = await work.rows(_EXPIRING, work.now, until, settings.sweep_size)
        return await _tell(work, "EXPIRING", found, lambda row: _expiring(work, row))

    while await run.work(unit):
        pass


@job(at_once=1)
async def tell_of_inactivity(run: Run) -> None:
    """Tell of members who have neither earned nor redeemed for as many days as the settings say."""

    async def unit(work: Work) -> bool:
        settings = work.settings[LoyaltySettings]
        if not settings.inactive_days:
            return False
        rows = await work.rows(_INACTIVE, work.now - timedelta(days=settings.inactive_days), settings.sweep_size)
        found = [{**row, "currency_id": None, "about": row["active_at"] or row["enrolled_at"]} for row in rows]
        return await _tell(work, "INACTIVE", found, lambda row: _inactive(work, row))

    while await run.work(unit):
        pass


@live(LoyaltyPointsExpiring, since="0.1.0")
def loyalty_points_expiring(
    event: LoyaltyPointsExpiring,
    member_id: Annotated[UUID | None, Ref("loyalty_member"), "Of this member only; null for all."] = None,
) -> bool:
    """Points of a member are about to expire."""
    return member_id is None or event.record_id == member_id


async def _tell(work: Work, kind: str, found: _Found, event: Callable[[dict[str, Any]], Event]) -> bool:
    rows = [(_id(kind, r), r["member_id"], kind, r["currency_id"], r["about"], work.now) for r in found]
    if rows:
        await work.database.execute_many(_TOLD, rows)
    for row in found:
        await work.emit(event(row))
    return bool(found)


def _expiring(work: Work, row: dict[str, Any]) -> Event:
    kind = work.entities["loyalty_member"]
    details = {"currency_id": row["currency_id"], "points": int(row["points"]), "expires_at": row["about"]}
    return work.event(LoyaltyPointsExpiring, kind, row["member_id"], **details)


def _inactive(work: Work, row: dict[str, Any]) -> Event:
    return work.event(LoyaltyMemberInactive, work.entities["loyalty_member"], row["member_id"], active_at=row["about"])


def _id(kind: str, row: dict[str, Any]) -> UUID:
    return uuid5(NAMESPACE_OID, f"{kind} {row['member_id']} {row['currency_id']} {instants.wire(row['about'])}")


SCHEDULES = (Schedule(tell_of_expiry(), cron="10 5 * * *"), Schedule(tell_of_inactivity(), cron="20 5 * * *"))
