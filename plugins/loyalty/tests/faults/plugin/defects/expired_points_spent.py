"""What has expired is spent as long as no sweep has come by."""

from __future__ import annotations

from crmcore_loyalty.ledger.state import Lot


def plant() -> None:
    """Find nothing expired where points are picked; sweeps find it by their own statements and take it all the same."""
    from crmcore_loyalty.ledger import going

    pick = going.pick

    def blind(account, lots, points, at):  # type: ignore[no-untyped-def]
        kept = Lot.expired
        Lot.expired = lambda self, at: False  # type: ignore[method-assign]
        try:
            return pick(account, lots, points, at)
        finally:
            Lot.expired = kept  # type: ignore[method-assign]

    going.pick = blind
