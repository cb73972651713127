"""The journal of a currency, under the names that the settings give our accounts."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore import Database, Settings
from crmcore_loyalty.finance.journal import Accounts, Line, journal
from crmcore_loyalty.finance.liability import basis
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tiers.days import midnight

__all__ = ["lines_of"]

_UTC = ZoneInfo("UTC")


async def lines_of(
    database: Database, settings: Settings, currency_id: UUID, since: date, until: date
) -> tuple[str | None, list[Line]]:
    """Return the money of the lines, None if points have no value, and the lines of the days from one to before another."""
    # Two days more than any time zone needs; days after the last are left out by the journal itself.
    before = midnight(until + timedelta(days=2), _UTC)
    found = await basis(database, currency_id, before)
    if found.money is None:
        return None, []
    names = settings[LoyaltySettings]
    accounts = Accounts(names.revenue_account, names.liability_account, names.expense_account, names.provision_account)
    return found.money, list(journal(found.facts, found.rules, accounts, since, until))
