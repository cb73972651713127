"""The rules of rules: a draft says something that can be meant, and what was published is never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from crmcore import Change, Work
from crmcore_loyalty.earning import conditions, hours
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect as Effect
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStacking as Stacking
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStatus as Status
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["prepare_activity", "prepare_campaign", "prepare_rule"]

_ORDERS = (Trigger.ORDER.name, Trigger.ORDER_LINE.name, Trigger.REFERRAL.name)


async def prepare_rule(work: Work, change: Change) -> None:
    """A draft is checked as a whole; a published revision stays what members earned by."""
    if change.before is not None and change.before["status"] != Status.DRAFT.name:
        message = "A published revision is never changed: make a draft of the same code, or retire it."
        change.refuse("status", "PUBLISHED", message)
        return
    if change.kind not in ("create", "update"):
        return
    if change.kind == "create":
        change.values |= {"status": Status.DRAFT.name, "revision": 0, "published_at": None, "retired_at": None}
    for check in _CHECKS:
        check(change)
    await _check_program(work, change)


async def prepare_campaign(work: Work, change: Change) -> None:
    """A campaign gives points of its own program."""
    if change.kind in ("create", "update"):
        _check_span(change)
        await _check_program(work, change)


async def prepare_activity(_: Work, change: Change) -> None:
    """What members did is recorded by loyaltyRecord and never changed."""
    if change.kind == "create":
        change.values["fingerprint"] = change.get("fingerprint") or hashlib.sha256(change.id.bytes).hexdigest()
    else:
        change.refuse("id", "RECORDED", "Activities are recorded by loyaltyRecord and never changed.")


def _check_condition(change: Change) -> None:
    condition, trigger = change.get("condition"), change.get("trigger")
    if condition is not None and trigger in Trigger.__members__:
        wrong = conditions.wrong_with(Trigger[trigger], condition)
        if wrong is not None:
            change.refuse("condition", "CONDITION", f"condition: {wrong}")


def _check_effect(change: Change) -> None:
    effect, points = change.get("effect"), change.get("points")
    if effect == Effect.MULTIPLY.name:
        _check_factor(change)
    elif points is not None and points < 1:
        change.refuse("points", "REQUIRED", "points: how many? At least 1.")
    if effect == Effect.PER_AMOUNT.name and (change.get("per_amount") is None or change.get("money") is None):
        change.refuse("perAmount", "REQUIRED", "PER_AMOUNT needs perAmount: for each how much money?")
    if effect == Effect.PER_AMOUNT.name and change.get("trigger") not in _ORDERS:
        change.refuse("effect", "NO_AMOUNT", f"{change.get('trigger')} has no amount; use FIXED.")
    stacking = change.get("stacking")
    if stacking == Stacking.MULTIPLICATIVE.name and effect != Effect.MULTIPLY.name:
        change.refuse("stacking", "NOT_A_FACTOR", "Only MULTIPLY can be MULTIPLICATIVE.")
    if stacking == Stacking.EXCLUSIVE.name and effect == Effect.MULTIPLY.name:
        change.refuse("stacking", "NOTHING_TO_MULTIPLY", "A rule that counts alone has nothing to multiply.")


def _check_factor(change: Change) -> None:
    try:
        factor = Decimal(change.get("factor") or "")
    except InvalidOperation:
        factor = Decimal("NaN")
    if not factor.is_finite() or not 1 < factor <= 1000:
        change.refuse("factor", "MALFORMED", "MULTIPLY needs a factor above 1 and at most 1000, as in 1.5.")


def _check_trigger(change: Change) -> None:
    trigger, calendar_day = change.get("trigger"), (change.get("month"), change.get("day"))
    if trigger == Trigger.ACTION.name and not change.get("action"):
        change.refuse("action", "REQUIRED", "ACTION needs action: of which name?")
    if trigger == Trigger.HOLIDAY.name and None in calendar_day:
        change.refuse("month", "REQUIRED", "HOLIDAY needs month and day.")


def _check_hours(change: Change) -> None:
    try:
        hours.read(change.get("hours"))
    except ValueError as problem:
        change.refuse("hours", "MALFORMED", f"hours: {problem}")


def _check_span(change: Change) -> None:
    begin, end = change.get("valid_from"), change.get("valid_until")
    if begin is not None and end is not None and end <= begin:
        change.refuse("validUntil", "BEFORE_BEGIN", "validUntil has to lie after validFrom.")


_CHECKS: tuple[Callable[[Change], None], ...] = (
    _check_condition,
    _check_effect,
    _check_trigger,
    _check_hours,
    _check_span,
)


async def _check_program(work: Work, change: Change) -> None:
    program_id = change.get("program_id")
    if not await work.find("loyalty_currency", id=change.get("currency_id"), program_id=program_id):
        change.refuse("currencyId", "OTHER_PROGRAM", "These points are another program's.")
    campaign_id = change.get("campaign_id") if "campaign_id" in change.entity.columns else None
    if campaign_id is None:
        return
    found = await work.find("loyalty_campaign", id=campaign_id, program_id=program_id)
    if not found or found[0]["currency_id"] != change.get("currency_id"):
        change.refuse("campaignId", "OTHER_POINTS", "A campaign's rules give the campaign's points.")
