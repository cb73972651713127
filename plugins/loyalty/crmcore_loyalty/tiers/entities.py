"""Ladders and tiers as clients set them up, and standings as they read them."""

from __future__ import annotations

from crmcore import Entity, Key, Timeline
from crmcore_loyalty.tables.standings import LoyaltyStanding, LoyaltyTierChange
from crmcore_loyalty.tables.tiers import LoyaltyTier, LoyaltyTierGroup
from crmcore_loyalty.tiers.preparing import prepare_group, prepare_tier

__all__ = ["ENTITIES"]

_CHANGED = Timeline(
    "LOYALTY_TIER",
    "They came into another loyalty tier.",
    at="moved_at",
    path=(("member_id", "loyalty_member"), ("customer_id", "customer")),
)

ENTITIES = (
    Entity(
        LoyaltyTierGroup,
        plural="loyaltyTierGroups",
        prepare=prepare_group,
        keys=(Key("CODE", ("program_id", "code")),),
        label="name",
        since="0.1.0",
    ),
    Entity(
        LoyaltyTier,
        plural="loyaltyTiers",
        prepare=prepare_tier,
        keys=(Key("CODE", ("group_id", "code")), Key("RANK", ("group_id", "rank"))),
        order=("rank",),
        label="name",
        since="0.1.0",
    ),
    Entity(
        LoyaltyStanding,
        plural="loyaltyStandings",
        guarded_by="member_id",
        actions=frozenset(),
        since="0.1.0",
    ),
    Entity(
        LoyaltyTierChange,
        plural="loyaltyTierChanges",
        guarded_by="member_id",
        actions=frozenset(),
        order=("-at",),
        timeline=(_CHANGED,),
        since="0.1.0",
    ),
)
