"""Beyond one member: households, partners, limits against fraud."""

from __future__ import annotations

from crmcore import Entity, Part, Permission, after
from crmcore_loyalty.community import households, limits, partners
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.tables.households import LoyaltyHousehold, LoyaltyHouseholdMember
from crmcore_loyalty.tables.limits import LoyaltyCase, LoyaltyLimit
from crmcore_loyalty.tables.partners import LoyaltyPartner, LoyaltyPartnerRate, LoyaltyPartnerUse, LoyaltySettlement

__all__ = ["COMMUNITY"]

_NOTHING = frozenset[str]()
_KEPT = frozenset({"create", "update", "delete", "restore"})


COMMUNITY = Part(
    permissions=(
        Permission(households.POOL, "Make households of members, and move points in and out of their pools."),
        Permission(partners.PARTNERS, "Give and take members' points at partners'."),
        Permission(partners.SETTLE, "Settle with partners, and write down what they have paid for."),
        Permission(limits.REVIEW, "Decide on what went over a limit against fraud."),
    ),
    entities=(
        Entity(
            LoyaltyHousehold,
            plural="loyaltyHouseholds",
            prepare=households.prepare_household,
            actions=frozenset({"update"}),
            since="0.1.0",
        ),
        Entity(
            LoyaltyHouseholdMember,
            plural="loyaltyHouseholdMembers",
            guarded_by="member_id",
            actions=_NOTHING,
            since="0.1.0",
        ),
        Entity(LoyaltyPartner, plural="loyaltyPartners", actions=_KEPT, label="name", since="0.1.0"),
        Entity(
            LoyaltyPartnerRate,
            plural="loyaltyPartnerRates",
            guarded_by="partner_id",
            actions=_KEPT,
            order=("-starts_at",),
            since="0.1.0",
        ),
        Entity(
            LoyaltyPartnerUse,
            plural="loyaltyPartnerUses",
            guarded_by="member_id",
            actions=_NOTHING,
            order=("-event_at",),
            since="0.1.0",
        ),
        Entity(
            LoyaltySettlement,
            plural="loyaltySettlements",
            guarded_by="partner_id",
            actions=_NOTHING,
            order=("-settled_at",),
            since="0.1.0",
        ),
        Entity(LoyaltyLimit, plural="loyaltyLimits", prepare=limits.prepare_limit, actions=_KEPT, since="0.1.0"),
        Entity(
            LoyaltyCase,
            plural="loyaltyCases",
            guarded_by="member_id",
            actions=_NOTHING,
            order=("-created_at",),
            since="0.1.0",
        ),
    ),
    actions=(
        households.loyalty_create_household,
        households.loyalty_join_household,
        households.loyalty_leave_household,
        households.loyalty_pool_points,
        households.loyalty_redeem_from_household,
        partners.loyalty_partner_accrue,
        partners.loyalty_partner_redeem,
        partners.loyalty_partner_prepay,
        partners.loyalty_settle_partner,
        limits.loyalty_decide_case,
    ),
    handlers=(after(LoyaltyPointsChanged, households.pool_by_itself, when=households.comes_in),),
)
