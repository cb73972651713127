"""Members' events, and who has a place."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyMember, LoyaltyProgram

__all__ = ["LoyaltyEvent", "LoyaltyTicket", "LoyaltyTicketStatus"]

_TIER = "crmcore_loyalty.tables.tiers:LoyaltyTier"


class LoyaltyTicketStatus(Enum):
    """Where a ticket stands."""

    REGISTERED = "The member has a place."
    WAITING = "The member gets a place when one becomes free."
    CHECKED_IN = "The member came."
    CANCELLED = "The member does not come."


class LoyaltyEvent(Record, Table, tablename="loyalty_event"):
    """An event for members only."""

    program_id = c.link(
        "loyalty_program", "In which program.", references=LoyaltyProgram, write=Write.CREATE,
        inverse="events", inverse_description="The events for members of this program.",
    )  # fmt: skip
    title = c.text("What it is called.", max_length=200, personal=False)
    titles = c.json("What it is called in other languages: texts by BCP 47 tag.", personal=False)
    description = c.text("What there is to say about it.", null=True, max_length=4000, form="text", personal=False)
    place = c.text("Where it is.", null=True, max_length=200, personal=False)
    starts_at = c.instant("When it begins.")
    ends_at = c.instant("When it ends.", null=True)
    opens_at = c.instant("From when on members can register; at once if empty.", null=True)
    capacity = c.integer("How many places there are; empty if there is no end.", null=True, minimum=0)
    tier_id = c.link("loyalty_tier", "From which tier on.", references=_TIER, null=True)
    cancelled = c.flag("Whether it will not be.")
    activity = c.text(
        "What coming is recorded as, for earning rules to go by; empty records nothing.",
        null=True, max_length=60, personal=False,
    )  # fmt: skip

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id", "starts_at desc")), Index(("tier_id",)))


class LoyaltyTicket(Record, Table, tablename="loyalty_ticket"):
    """A member's place at an event, or wish for one."""

    event_id = c.link(
        "loyalty_event", "For which event.", references=LoyaltyEvent,
        inverse="tickets", inverse_description="Who comes, and who waits for a place.",
    )  # fmt: skip
    member_id = c.link(
        "loyalty_member", "Whose it is.", references=LoyaltyMember,
        inverse="tickets", inverse_description="The events this member goes, went or would have gone to.",
    )  # fmt: skip
    status = c.choice(LoyaltyTicketStatus, "Where it stands.")
    registered_at = c.instant("When the member registered; those who wait are served in this order.")
    checked_in_at = c.instant("When the member came.", null=True)
    cancelled_at = c.instant("When it was cancelled.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("event_id", "member_id"), unique=True),
        Index(("event_id", "status", "registered_at")),
        Index(("member_id", "registered_at desc")),
    )
