"""What came last is spent first, so that the rest expires."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore_loyalty.ledger import going, state
from crmcore_loyalty.ledger.state import Lot


def plant() -> None:
    """Turn the order round where points are spent."""

    def newest(lots: Iterable[Lot]) -> list[Lot]:
        return state.fifo(lots)[::-1]

    going.fifo = newest
