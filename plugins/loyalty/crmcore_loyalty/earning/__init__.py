"""Who earns what, and why: rules, campaigns, activities."""

from __future__ import annotations

from crmcore import Entity, Part, Permission, inside
from crmcore_loyalty.earning.activities import RECORD, loyalty_record
from crmcore_loyalty.earning.asking import ASKED
from crmcore_loyalty.earning.care import HOURLY, care
from crmcore_loyalty.earning.joining import earn_by_joining
from crmcore_loyalty.earning.orders import EVENTS, settle_order, wake
from crmcore_loyalty.earning.preparing import prepare_activity, prepare_campaign, prepare_rule
from crmcore_loyalty.earning.publishing import RULES, loyalty_publish_rule, loyalty_retire_rule
from crmcore_loyalty.program.events import LoyaltyMemberCreated
from crmcore_loyalty.tables.campaigns import LoyaltyCampaign
from crmcore_loyalty.tables.earning import LoyaltyActivity, LoyaltyCareDay, LoyaltyOrderEarning, LoyaltyRuleUse
from crmcore_loyalty.tables.rules import LoyaltyRule

__all__ = ["EARNING"]

_SINCE = "0.1.0"

EARNING = Part(
    permissions=(
        Permission(RULES, "Publish and retire earning rules, and try them out on what has happened."),
        Permission(RECORD, "Record what members did, which lets them earn by the rules."),
    ),
    entities=(
        Entity(LoyaltyCampaign, plural="loyaltyCampaigns", prepare=prepare_campaign, label="name", since=_SINCE),
        Entity(
            LoyaltyRule,
            plural="loyaltyRules",
            prepare=prepare_rule,
            actions=frozenset({"create", "update", "delete", "destroy"}),
            label="name",
            since=_SINCE,
        ),
        Entity(
            LoyaltyActivity,
            plural="loyaltyActivities",
            prepare=prepare_activity,
            guarded_by="member_id",
            actions=frozenset(),
            order=("-occurred_at",),
            label="action",
            since=_SINCE,
        ),
    ),
    tables=(LoyaltyRuleUse, LoyaltyOrderEarning, LoyaltyCareDay),
    graphql=ASKED,
    actions=(loyalty_publish_rule, loyalty_retire_rule, loyalty_record),
    handlers=(inside(LoyaltyMemberCreated, earn_by_joining), *(inside(event, wake) for event in EVENTS)),
    jobs=(settle_order, care, HOURLY),
)
