"""The plugin's settings."""

from __future__ import annotations

import msgspec

__all__ = ["LoyaltySettings"]


class LoyaltySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the loyalty plugin.

    Attributes:

        warn_days: so many days before points expire their member is told; 0 tells nobody.
        inactive_days: so many days after its last movement a member counts as inactive; 0 tells nobody.
        late_days: so many days after they happened redemptions, transfers and activities may still be told; later they are
            declined. What was earned may be told at any time.
        sweep_size: so many accounts the sweeps for expiry, activation and holds take in one transaction.
        earn_on_import: whether orders from a file earn, those from before the member's enrolment too.
        wrong_codes: so many wrong voucher codes one may give within an hour; 0 is without limit.
        revenue_account: our account for revenue, as the journal for the accounts calls it.
        liability_account: our account for what customers have paid for points that they have not redeemed yet.
        expense_account: our account for the cost of points that are given without a sale.
        provision_account: our account for what is set aside for those.
    """

    warn_days: int = 30
    inactive_days: int = 180
    late_days: int = 30
    sweep_size: int = 500
    earn_on_import: bool = False
    wrong_codes: int = 100
    revenue_account: str = "4000"
    liability_account: str = "2500"
    expense_account: str = "6600"
    provision_account: str = "2600"
