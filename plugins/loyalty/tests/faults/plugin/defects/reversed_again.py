"""A transaction can be undone as often as one likes: what was undone before is not looked at."""

from __future__ import annotations

from crmcore_loyalty.ledger import lots, reversing


def plant() -> None:
    """Find nothing undone."""
    lots._RETURNED = lots._RETURNED.replace("where ", "where 1 = 0 and ")
    reversing._UNDONE = "select 0 from loyalty_transaction where id = $1"
