"""Campaigns: rules that begin and end together and share a budget."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyProgram

__all__ = ["LoyaltyCampaign"]


class LoyaltyCampaign(Record, Table, tablename="loyalty_campaign"):
    """Rules that begin and end together and give from one budget."""

    program_id = c.link(
        "loyalty_program",
        "Of which program.",
        references=LoyaltyProgram,
        inverse="campaigns",
        inverse_description="Rules that begin and end together.",
        write=Write.CREATE,
    )
    currency_id = c.link(
        "loyalty_currency",
        "In which points its rules give, and its budget is counted.",
        references=LoyaltyCurrency,
        write=Write.CREATE,
    )
    code = c.text("Short name, unique in the program, as in SPRING-2027.", max_length=40, personal=False)
    name = c.text("What people call it.", max_length=200, personal=False)
    valid_from = c.instant("From when on its rules hold; null for always.", null=True)
    valid_until = c.instant("Until when, that instant not included; null for no end.", null=True)
    budget = c.big_integer(
        "How many points all its rules together may give; null for any number.", null=True, minimum=1
    )
    active = c.flag("Whether its rules hold at all.", default=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id", "code"), unique=True, live=True),)
