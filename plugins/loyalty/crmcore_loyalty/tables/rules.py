"""Earning rules, all their revisions."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.campaigns import LoyaltyCampaign
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyProgram
from crmcore_loyalty.tables.rule_terms import (
    LoyaltyRuleBase,
    LoyaltyRuleCalendar,
    LoyaltyRuleEffect,
    LoyaltyRulePeriod,
    LoyaltyRuleRecipient,
    LoyaltyRuleRounding,
    LoyaltyRuleStacking,
    LoyaltyRuleStatus,
    LoyaltyRuleTrigger,
)

__all__ = ["LoyaltyRule"]


class LoyaltyRule(Record, Table, tablename="loyalty_rule"):
    """One revision of an earning rule. Published ones are never changed: a new draft of the same code takes over."""

    program_id = c.link(
        "loyalty_program",
        "Of which program.",
        references=LoyaltyProgram,
        inverse="rules",
        inverse_description="How members earn, all revisions.",
        write=Write.CREATE,
    )
    currency_id = c.link("loyalty_currency", "Which points it gives.", references=LoyaltyCurrency, write=Write.CREATE)
    campaign_id = c.link(
        "loyalty_campaign",
        "Which campaign it belongs to; it holds only while that does, and gives from its budget.",
        references=LoyaltyCampaign,
        null=True,
        inverse="rules",
        inverse_description="What the campaign consists of.",
    )
    code = c.text(
        "Short name of the rule, the same in all its revisions.", max_length=40, personal=False, write=Write.CREATE
    )
    revision = c.integer("Counts what was published under the code, from 1; 0 is the draft.", write=Write.NEVER)
    status = c.choice(LoyaltyRuleStatus, "Where it stands.", default=LoyaltyRuleStatus.DRAFT, write=Write.NEVER)
    published_at = c.instant("When it was published.", null=True, write=Write.NEVER)
    retired_at = c.instant("When it ended, or another revision took over.", null=True, write=Write.NEVER)
    name = c.text("What members and colleagues read.", max_length=200, personal=False)
    trigger = c.choice(LoyaltyRuleTrigger, "What it is about.")
    action = c.text("Of ACTION: the activity's name, as in REVIEW.", null=True, max_length=60, personal=False)
    condition = c.text(
        "What else must be so, in CEL: order.total >= 5000 && 'TEA' in order.categories.",
        null=True,
        max_length=1000,
        form="text",
        personal=False,
    )
    effect = c.choice(LoyaltyRuleEffect, "How many points it gives.", default=LoyaltyRuleEffect.FIXED)
    points = c.big_integer(
        "So many, in the smallest unit of the points; of MULTIPLY 0.", default=0, minimum=0, maximum=10**9
    )
    per_amount = c.minor_units("Of PER_AMOUNT: for each so much money.", currency="money", minimum=1)
    money = c.currency("Currency of that money; orders in another one do not match.")
    base = c.choice(LoyaltyRuleBase, "Which money counts.", default=LoyaltyRuleBase.TOTAL)
    factor = c.text(
        "Of MULTIPLY: so many times, a decimal number above 1 as in 1.5.", null=True, max_length=12, personal=False
    )
    rounding = c.choice(LoyaltyRuleRounding, "What becomes of a part of a point.", default=LoyaltyRuleRounding.DOWN)
    tiered = c.flag("Whether the multiplier of the member's tier applies.", default=True)
    stacking = c.choice(LoyaltyRuleStacking, "How it goes together with others.", default=LoyaltyRuleStacking.ADDITIVE)
    priority = c.integer("Greater ones come first: among EXCLUSIVE ones, and where a budget ends.", default=0)
    recipient = c.choice(LoyaltyRuleRecipient, "Who gets the points.", default=LoyaltyRuleRecipient.MEMBER)
    valid_from = c.instant("From when on it holds; null for always.", null=True)
    valid_until = c.instant("Until when, that instant not included; null for no end.", null=True)
    hours = c.json(
        'Happy hours in the program\'s time zone: [{"days": ["SAT", "SUN"], "from": "17:00", "until": "19:30"}].',
        personal=False,
    )
    calendar = c.choice(
        LoyaltyRuleCalendar,
        "Of BIRTHDAY and HOLIDAY: by which calendar.",
        default=LoyaltyRuleCalendar.GREGORIAN,
    )
    month = c.integer("Of HOLIDAY: the month, from 1.", null=True, minimum=1, maximum=12)
    day = c.integer(
        "Of HOLIDAY: the day of the month, from 1; a month that is too short has it on its last day.",
        null=True,
        minimum=1,
        maximum=31,
    )
    limit_times = c.integer("How often it gives to one member in a period; null for any number.", null=True, minimum=1)
    limit_points = c.big_integer(
        "How many points it gives to one member in a period; null for any number.", null=True, minimum=1
    )
    limit_period = c.choice(LoyaltyRulePeriod, "For how long these limits are counted.", default=LoyaltyRulePeriod.EVER)
    cooldown_minutes = c.integer(
        "How long a member waits until it gives again.", default=0, minimum=0, maximum=5_270_400
    )
    first = c.integer("How often it gives in all, to whoever is first; null for any number.", null=True, minimum=1)
    budget = c.big_integer("How many points it gives in all; null for any number.", null=True, minimum=1)
    pending_days = c.integer(
        "Days until its points can be spent; null is as the currency says.", null=True, minimum=0, maximum=3650
    )
    pending_until_event = c.flag("Whether its points wait until somebody activates them (loyaltyActivate).")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("program_id", "code", "revision"), unique=True, live=True),
        Index(("program_id", "status", "trigger")),
        Index(("campaign_id",)),
    )
