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

        faults: the kinds of faults that provoke it; none means that load alone does.
        told: what one of the violations says, a regular expression.
        dialects: where it can be.
        count: how many faults are inflicted.
        pace: seconds between two faults.
    """

    faults: tuple[str, ...]
    told: str
    dialects: tuple[str, ...] = ("sqlite", "postgresql")
    count: int = 12
    pace: float = 0.3

    def plan(self, name: str, dialect: str, seed: int) -> Plan:
        """Return the run that has to find it."""
        return Plan(dialect, self.count, seed=seed, pace=self.pace, only=self.faults, defect=name, patience=12.0)


_SERVERS = ("server killed", "all processes killed")

PLANTED: Mapping[str, Planted] = {
    "handlers_after_commit": Planted(_SERVERS, "never reached"),
    "events_after_commit": Planted(_SERVERS, r"has the events \{\}"),
    "outcome_kept_apart": Planted((*_SERVERS, "answers swallowed"), "has the events"),
    "refusals_not_kept": Planted(("answers swallowed",), "and asked again", count=20),
    "sequence_only_cursor": Planted(("answers swallowed",), r"of \d+ events [1-9]\d* missed", ("postgresql",)),
    "claim_without_lease": Planted(("worker killed",), "at the same time"),
    "ack_before_effect": Planted(("worker killed",), "never reached"),
    "order_not_kept": Planted(("worker killed",), "follow heard of versions"),
    "no_catch_up": Planted(("connections cut", "server killed"), r"subscriber: of \d+ events [1-9]\d* missed"),
    "cursor_before_deliveries": Planted(("all processes killed",), "never came"),
    "asynchronous_commit": Planted(("database killed",), "is not there|and asked again", ("postgresql",)),
}
