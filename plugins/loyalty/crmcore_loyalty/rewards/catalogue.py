"""The rules of what is offered for points."""

from __future__ import annotations

from crmcore import Change, Work
from crmcore_loyalty.tables.program import LoyaltyCurrencyKind
from crmcore_loyalty.tables.rewards import LoyaltyRewardKind

__all__ = ["prepare_reward"]

#: What a reward of a kind cannot do without.
_NEEDED = {
    LoyaltyRewardKind.VOUCHER.name: ("value", "What is the voucher worth?"),
    LoyaltyRewardKind.GIFT_CARD.name: ("value", "What is the gift card worth?"),
    LoyaltyRewardKind.DISCOUNT.name: ("percent", "How many per cent does it take off?"),
    LoyaltyRewardKind.TICKET.name: ("event_id", "For which event is the ticket?"),
}


async def prepare_reward(work: Work, change: Change) -> None:
    """A reward costs points that can be spent, in its own program, and says what one gets."""
    if change.kind not in ("create", "update"):
        return
    column, question = _NEEDED.get(change.get("kind"), ("kind", ""))
    if change.get(column) is None:
        change.refuse(column, "REQUIRED", question)
    start, end = change.get("valid_from"), change.get("valid_until")
    if start is not None and end is not None and end <= start:
        change.refuse("valid_until", "TOO_EARLY", "A reward is offered until later than from when on.")
    if change.changed("currency_id"):
        await _check_currency(work, change)
    if change.changed("event_id") and change.get("event_id") is not None:
        await _check_event(work, change)


async def _check_currency(work: Work, change: Change) -> None:
    found = await work.find("loyalty_currency", id=change.get("currency_id"))
    if not found or found[0]["program_id"] != change.get("program_id"):
        change.refuse("currency_id", "OTHER_PROGRAM", "These points are of another program.")
    elif found[0]["kind"] != LoyaltyCurrencyKind.REDEEMABLE.name:
        change.refuse("currency_id", "CURRENCY_NOT_REDEEMABLE", "These points count for tiers and cannot be spent.")


async def _check_event(work: Work, change: Change) -> None:
    found = await work.find("loyalty_event", id=change.get("event_id"))
    if not found or found[0]["program_id"] != change.get("program_id"):
        change.refuse("event_id", "OTHER_PROGRAM", "This event is of another program.")
