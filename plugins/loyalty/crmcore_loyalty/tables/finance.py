"""What finance keeps: statements, estimates of breakage by version, and balances of our own accounts at an instant."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index
from crmcore import columns as c
from crmcore_loyalty.tables.ledger import LoyaltyHouse
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember

__all__ = ["LoyaltyBreakage", "LoyaltyCheckpoint", "LoyaltyStatement"]


class LoyaltyStatement(Table, tablename="loyalty_statement"):
    """A member's account over a month that has ended, by when its entries were recorded. Never changed."""

    id = c.identifier("Identifies the statement.")
    member_id = c.link(
        "loyalty_member", "Whose account.", references=LoyaltyMember,
        inverse="statements", inverse_description="This member's account, month by month.",
    )  # fmt: skip
    currency_id = c.link("loyalty_currency", "In which currency.", references=LoyaltyCurrency)
    period = c.text("Which month of the program's time zone, as in 2027-03.", max_length=7, personal=False)
    begins_at = c.instant("Its first instant.")
    ends_at = c.instant("The first instant after it.")
    opening = c.big_integer("What could be spent, was pending or set aside when it began.")
    closing = c.big_integer("The same when it had ended.")
    available = c.big_integer("What of that could be spent.")
    earned = c.big_integer("What was earned, less what was undone of that.")
    redeemed = c.big_integer("What was spent, less what was undone of that.")
    expired = c.big_integer("What expired or lapsed.")
    other = c.big_integer("All else: corrections, transfers, mergers.")
    movements = c.json("What each kind of transaction added or took.", null=False, personal=False)
    lots = c.json("What was left of which points, and when they expire.", null=False, personal=False)
    expiring = c.big_integer("How many of them expire within 90 days.")
    made_at = c.instant("When the statement was made.")
    sha256 = c.text("Digest of all the above; who computes it anew gets the same.", max_length=64, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "currency_id", "period"), unique=True),
        Index(("currency_id", "period")),
    )


class LoyaltyBreakage(Table, tablename="loyalty_breakage"):
    """An estimate of how many points will ever be spent. Never changed: a better one is the next version."""

    id = c.identifier("Identifies the estimate.")
    currency_id = c.link(
        "loyalty_currency", "Of which currency.", references=LoyaltyCurrency,
        inverse="breakage", inverse_description="Estimates of how many of these points will ever be spent.",
    )  # fmt: skip
    number = c.integer("Its version, from 1.", minimum=1)
    valid_from = c.instant("From when on it holds.")
    basis = c.text("Where it comes from: GIVEN, or OBSERVED by the chain ladder.", max_length=20, personal=False)
    redemption = c.text(
        "Share of the points earned that will ever be spent, as in 0.9125.", max_length=20, personal=False
    )
    curve = c.json("Share of that which is spent by the end of each month after earning, as texts.", personal=False)
    reason = c.text("Why it was made.", max_length=500, personal=False)
    made_at = c.instant("When it was made.")
    made_by = c.json("Who made it.", null=False, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("currency_id", "number"), unique=True),
        Index(("currency_id", "valid_from desc")),
    )


class LoyaltyCheckpoint(Table, tablename="loyalty_checkpoint"):
    """The balance of one of our own accounts at an instant, so that nobody has to add up all entries since the beginning."""

    id = c.identifier("Identifies the checkpoint.")
    currency_id = c.link("loyalty_currency", "In which currency.", references=LoyaltyCurrency)
    house = c.choice(LoyaltyHouse, "Which account.")
    up_to = c.instant("Entries recorded before this are in it.")
    balance = c.big_integer("Their sum.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("currency_id", "house", "up_to"), unique=True),)
