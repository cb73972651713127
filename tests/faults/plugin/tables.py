"""Accounts: whatever happens, what they hold together stays the same."""

from __future__ import annotations

from piccolo.table import Table

from crmcore import Record
from crmcore import columns as c

__all__ = ["FaultsAccount"]


class FaultsAccount(Record, Table, tablename="faults_account"):
    """An account of the fault test."""

    name = c.text("What it is called.")
    balance = c.integer("What it holds.", default=0)
    note = c.text("The key of the last intent that wrote it.", null=True)
