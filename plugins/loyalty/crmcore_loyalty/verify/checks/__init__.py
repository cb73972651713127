"""The invariants of the ledger, a file an idea; none of it uses the code that writes the ledger."""

from __future__ import annotations

from crmcore_loyalty.verify.check import Check
from crmcore_loyalty.verify.checks.accounts import ACCOUNTS
from crmcore_loyalty.verify.checks.holds import HOLDS
from crmcore_loyalty.verify.checks.links import LINKS
from crmcore_loyalty.verify.checks.lots import LOTS
from crmcore_loyalty.verify.checks.pools import POOLS
from crmcore_loyalty.verify.checks.reversals import REVERSALS
from crmcore_loyalty.verify.checks.transactions import TRANSACTIONS

__all__ = ["CHECKS"]

#: Every check there is.
CHECKS: tuple[Check, ...] = (*TRANSACTIONS, *ACCOUNTS, *LOTS, *REVERSALS, *HOLDS, *POOLS, *LINKS)
