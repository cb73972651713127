"""The rules of programs, their currencies and their members, whatever the door."""

from __future__ import annotations

from crmcore import Change, Work
from crmcore_loyalty.program import numbers
from crmcore_loyalty.tables.program import LoyaltyCurrencyKind, LoyaltyExpiryKind, LoyaltyMemberStatus

__all__ = ["prepare_currency", "prepare_member", "prepare_program"]

#: By these the points of a currency are read; to change them would change what was promised.
_YEARS = (LoyaltyExpiryKind.CALENDAR.name, LoyaltyExpiryKind.ANNIVERSARY.name)
_SPANS = (LoyaltyExpiryKind.ROLLING.name, LoyaltyExpiryKind.ACTIVITY.name)


async def prepare_program(work: Work, change: Change) -> None:
    """A program with members stays: their points are a debt."""
    if change.kind in ("delete", "destroy"):
        await _refuse_if_used(work, change, "loyalty_member", "program_id", "members")


async def prepare_currency(work: Work, change: Change) -> None:
    """A currency says plainly when its points expire; one that members have stays."""
    if change.kind in ("delete", "destroy"):
        await _refuse_if_used(work, change, "loyalty_lot", "currency_id", "points given in it")
        return
    _check_expiry(change)
    if change.get("kind") == LoyaltyCurrencyKind.QUALIFYING.name and change.get("transferable"):
        change.refuse("transferable", "NOT_REDEEMABLE", "Points that count for tiers cannot be given away.")
    if (
        change.changed("scale")
        and change.kind == "update"
        and await _is_used(work, "loyalty_lot", "currency_id", change)
    ):
        change.refuse(
            "scale", "IN_USE", "Points were given in this currency; another scale would change what they are."
        )


def _check_expiry(change: Change) -> None:
    kind, months, days = change.get("expiry"), change.get("expiry_months"), change.get("expiry_days")
    if kind in _YEARS and (months % 12 or days):
        change.refuse("expiryMonths", "NOT_WHOLE_YEARS", f"{kind} counts whole years: 0, 12, 24, … months and no days.")
    elif kind in _SPANS and months + days == 0:
        change.refuse("expiryMonths", "REQUIRED", f"{kind} needs expiryMonths or expiryDays: after how long?")


async def prepare_member(work: Work, change: Change) -> None:
    """A member has a number and belongs to somebody; who left can be read for ever, so that the ledger stays whole."""
    if change.kind in ("delete", "destroy"):
        change.refuse("id", "LEDGER_STAYS", "The ledger needs its members; loyaltyClose ends a membership.")
        return
    if change.kind == "create":
        _complete(work, change)
    if change.changed("number") and not numbers.is_written(change.get("number")):
        change.refuse("number", "MALFORMED", "A member's number has 4 to 64 letters, digits and hyphens.")


def _complete(work: Work, change: Change) -> None:
    """Members are made by enrolling, and by files and tests; these give less."""
    change.values |= {"number": change.get("number") or numbers.make(), "status": LoyaltyMemberStatus.ACTIVE.name}
    change.values["enrolled_at"] = change.get("enrolled_at") or work.now
    if change.get("customer_id") is None:
        change.refuse("customerId", "REQUIRED", "customerId: who joins?")


async def _refuse_if_used(work: Work, change: Change, entity: str, column: str, what: str) -> None:
    if await _is_used(work, entity, column, change):
        name = change.entity.name.replace("_", " ")
        change.refuse("id", "IN_USE", f"This {name} has {what}; set its status to INACTIVE, or let nothing earn in it.")


async def _is_used(work: Work, entity: str, column: str, change: Change) -> bool:
    table = work.entities[entity].tablename
    return bool(await work.rows(f"select 1 from {table} where {column} = $1 limit 1", change.id))
