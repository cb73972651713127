"""Tiers: who is in which, why, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part, after, extend, inside
from crmcore_loyalty.earning.events import LoyaltyActivityCreated
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.program.events import LoyaltyMemberCreated
from crmcore_loyalty.tiers import asking, by_hand, following
from crmcore_loyalty.tiers.entities import ENTITIES
from crmcore_loyalty.tiers.events import (
    LoyaltyTierAtRisk,
    LoyaltyTierChanged,
    LoyaltyTierCreated,
    LoyaltyTierDeleted,
    LoyaltyTierGroupCreated,
    LoyaltyTierGroupUpdated,
    LoyaltyTierRestored,
    LoyaltyTierUpdated,
)
from crmcore_loyalty.tiers.multiplier import multiplier, multipliers
from crmcore_loyalty.tiers.permissions import PERMISSIONS
from crmcore_loyalty.tiers.watching import loyalty_member_tier_changed

if TYPE_CHECKING:
    import click

__all__ = ["TIERS", "LoyaltyTierAtRisk", "LoyaltyTierChanged", "multiplier", "multipliers"]


def _commands() -> Iterable[click.Command]:
    # Only the command line needs it.
    from crmcore_loyalty.tiers.commands import tiers

    return [tiers]


TIERS = Part(
    permissions=PERMISSIONS,
    entities=ENTITIES,
    actions=(by_hand.loyalty_override_tier, by_hand.loyalty_release_tier, by_hand.loyalty_recalculate_tiers),
    graphql=(
        extend("Query", asking.loyalty_why_tier, since="0.1.0"),
        extend("Query", asking.loyalty_simulate_tier, since="0.1.0"),
        loyalty_member_tier_changed,
    ),
    events=(LoyaltyTierChanged, LoyaltyTierAtRisk),
    handlers=(
        after(LoyaltyPointsChanged, following.requalify_earner, when=following.counts),
        after(LoyaltyActivityCreated, following.requalify_visitor),
        after(LoyaltyMemberCreated, following.requalify_newcomer),
        *(after(event, following.requalify_buyer) for event in following.ORDER_EVENTS),
        *(inside(event, following.recount) for event in (LoyaltyTierGroupCreated, LoyaltyTierGroupUpdated)),
        *(
            inside(event, following.recount_ladder)
            for event in (LoyaltyTierCreated, LoyaltyTierUpdated, LoyaltyTierDeleted, LoyaltyTierRestored)
        ),
    ),
    jobs=(following.requalify_ladder, following.requalify_due, following.REQUALIFYING),
    commands=_commands,
)
