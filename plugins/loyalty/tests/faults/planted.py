"""The defects that a run has to find: how each is provoked, and what tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.plan import Plan

__all__ = ["PLANTED", "Planted"]


@dataclass(frozen=True)
class Planted:
    """One defect.

    Attributes:

        told: what one of the violations says, a regular expression.
        faults: the kinds of faults that provoke it; none means all.
        dialects: where it can be.
        count: how many faults are inflicted.
    """

    told: str
    faults: tuple[str, ...] = ("answers swallowed", "server killed", "clock jumped")
    dialects: tuple[str, ...] = ("sqlite", "postgresql")
    count: int = 12

    def plan(self, name: str, dialect: str, seed: int) -> Plan:
        """Return the run that has to find it."""
        return Plan(dialect, self.count, seed=seed, only=self.faults, defect=name, patience=10.0, workers=1)


_POSTGRESQL = ("postgresql",)
_LOSING = ("answers swallowed", "server killed")
_TIME = ("clock jumped", "worker killed")

PLANTED: Mapping[str, Planted] = {
    "no_lock": Planted(r"^I(2|3|4|7|11) ", _LOSING, _POSTGRESQL),
    "lots_before_lock": Planted(r"^I(2|3|4) ", _LOSING, _POSTGRESQL, count=20),
    "projection_apart": Planted(r"^I(2|6|11) ", _LOSING),
    "asynchronous_commit": Planted("is not there", ("database killed",), _POSTGRESQL),
    "declines_not_kept": Planted("that is not kept", _LOSING),
    "fingerprint_not_compared": Planted("instead of IDEMPOTENCY_KEY_REUSED", _LOSING),
    "reversed_again": Planted("^I9 .* was undone", _LOSING),
    "new_lot_instead": Planted("^I9 .* went back to it", _LOSING),
    "refund_keeps_points": Planted("it does not say why", _TIME),
    "expired_points_spent": Planted("^I8 .* that had expired", _TIME, count=20),
    "newest_first": Planted("goes before what was taken", _TIME),
    "expiry_loses": Planted(r"^I(3|4) ", _TIME),
    "hold_stays_open": Planted("^I14 ", _LOSING),
    "late_capture": Planted("was captured at", _TIME, count=25),
    "float_points": Planted("^I6 .* moved", _LOSING),
    "transfer_renews": Planted("^I15 .* is not as the one", _LOSING),
    "merge_forgets_pending": Planted("^I15 .* still has", _LOSING, count=25),
}
