"""How much is taken of what there is only so much of: rewards and places at events."""

from __future__ import annotations

from piccolo.table import Table

from crmcore import columns as c

__all__ = ["LoyaltyStock"]


class LoyaltyStock(Table, tablename="loyalty_stock"):
    """A count that buyers queue at, beside the record it is of: who describes a reward is not in the way of who sells it."""

    id = c.identifier("The id of the reward or event.")
    taken = c.integer("How many are taken.", default=0)
