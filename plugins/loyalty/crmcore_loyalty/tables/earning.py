"""What members did, which orders and days were looked at, and how much each rule gave."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyMember, LoyaltyProgram

__all__ = ["LoyaltyActivity", "LoyaltyCareDay", "LoyaltyOrderEarning", "LoyaltyRuleUse"]


class LoyaltyRuleUse(Table, tablename="loyalty_rule_use"):
    """How much a rule, or a campaign, has given within one scope; locked while an award is decided."""

    id = c.identifier("Identifies the count.")
    program_id = c.link("loyalty_program", "Of which program.", references=LoyaltyProgram)
    code = c.text("The rule's code, or the campaign's after 'campaign:'.", max_length=80, personal=False)
    scope = c.text("'ALL', or a member's id and the period: '…/2027-W09'.", max_length=80, personal=False)
    times = c.big_integer("How often it gave.", default=0)
    points = c.big_integer("How many points.", default=0)
    last_at = c.instant("When it last gave, in the business.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id", "code", "scope"), unique=True),)


class LoyaltyActivity(Record, Table, tablename="loyalty_activity"):
    """Something a member did: visited, wrote a review, answered a survey. Never changed."""

    member_id = c.link(
        "loyalty_member",
        "Who did it.",
        references=LoyaltyMember,
        inverse="activities",
        inverse_description="What this member did.",
        write=Write.CREATE,
    )
    action = c.text("What, as in REVIEW; VISIT is a visit.", max_length=60, personal=False, write=Write.CREATE)
    occurred_at = c.instant("When.", write=Write.CREATE)
    payload = c.json(
        "More about it, for conditions of rules; nothing about a person.", personal=False, write=Write.CREATE
    )
    fingerprint = c.text(
        "SHA-256 of what was told, so that the same id cannot mean two things.",
        default=None,
        max_length=64,
        personal=False,
        write=Write.NEVER,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "action", "occurred_at desc")),
        Index(("occurred_at", "id")),
    )


class LoyaltyOrderEarning(Table, tablename="loyalty_order_earning"):
    """That an order has earned in a program; its row is where those queue who settle the order."""

    id = c.identifier("Identifies it.")
    order_id = c.text("Which order.", max_length=36, personal=False)
    program_id = c.link("loyalty_program", "In which program.", references=LoyaltyProgram)
    member_id = c.link("loyalty_member", "Who earned.", references=LoyaltyMember, null=True)
    earned_at = c.instant("When it earned, in the business; null while it has not.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("order_id", "program_id"), unique=True), Index(("member_id",)))


class LoyaltyCareDay(Table, tablename="loyalty_care_day"):
    """That birthdays and holidays of a day were looked at in a program."""

    id = c.identifier("Identifies it.")
    program_id = c.link("loyalty_program", "In which program.", references=LoyaltyProgram)
    day = c.day("Which day, in the program's time zone.", personal=False)
    done = c.flag("Whether all members were looked at.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id", "day"), unique=True),)
