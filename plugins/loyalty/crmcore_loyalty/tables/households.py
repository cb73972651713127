"""Households: members who pool points."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyMember, LoyaltyProgram

__all__ = ["LoyaltyHousehold", "LoyaltyHouseholdMember"]


class LoyaltyHousehold(Record, Table, tablename="loyalty_household"):
    """Members who pool points. The pool is a member of its own without a customer; a share is what is left of what came from it."""

    program_id = c.link(
        "loyalty_program",
        "In which program.",
        references=LoyaltyProgram,
        inverse="households",
        inverse_description="The households of this program.",
        write=Write.CREATE,
    )
    pool_id = c.link(
        "loyalty_member",
        "The member that holds the pool.",
        references=LoyaltyMember,
        inverse="poolOf",
        inverse_description="The household whose pool this is.",
        write=Write.NEVER,
    )
    automatic = c.flag("Whether what its members earn goes into the pool by itself.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id",)), Index(("pool_id",), unique=True))


class LoyaltyHouseholdMember(Table, tablename="loyalty_household_member"):
    """That a member belongs, or belonged, to a household."""

    id = c.identifier("Identifies the membership.")
    household_id = c.link(
        "loyalty_household",
        "Which household.",
        references=LoyaltyHousehold,
        inverse="memberships",
        inverse_description="Who belongs, or belonged, to it.",
    )
    member_id = c.link(
        "loyalty_member",
        "Which member.",
        references=LoyaltyMember,
        inverse="households",
        inverse_description="The households this member belongs, or belonged, to.",
    )
    joined_at = c.instant("When it joined.")
    left_at = c.instant("When it left; empty while it belongs to it.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("household_id", "left_at")),
        Index(("member_id",), unique=True, where="left_at is null"),
        Index(("member_id", "joined_at")),
    )
