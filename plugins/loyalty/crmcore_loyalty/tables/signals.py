"""What others were told of members, so that nobody hears of one thing twice."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember

__all__ = ["LoyaltySignal"]


class LoyaltySignal(Table, tablename="loyalty_signal"):
    """That others were told of something about a member."""

    id = c.identifier("Follows from what was told, so that it cannot be told twice at one moment either.")
    member_id = c.link("loyalty_member", "Of whom.", references=LoyaltyMember)
    kind = c.text("What: EXPIRING or INACTIVE.", max_length=20, personal=False)
    currency_id = c.link("loyalty_currency", "Of which points.", references=LoyaltyCurrency, null=True)
    about = c.instant("The instant it is about: of expiry, of the last movement.")
    at = c.instant("When others were told.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "kind", "about")),
        Index(("kind", "about")),
        Index(("currency_id",)),
    )
