"""The defects that a run has to find: how each is provoked, and what tells of it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.planted import Planted

__all__ = ["PLANTED"]

_POSTGRESQL = ("postgresql",)
_LOSING = ("answers swallowed", "server killed")
_TIME = ("clock jumped", "worker killed")

PLANTED: Mapping[str, Planted] = {
    "no_lock": Planted(_LOSING, r"^I(2|3|4|7|11) ", _POSTGRESQL),
    "lots_before_lock": Planted(_LOSING, r"^I(2|3|4) ", _POSTGRESQL, count=20),
    "projection_apart": Planted(_LOSING, r"^I(2|6|11) "),
    "asynchronous_commit": Planted(("database killed",), "is not there|and asked again", _POSTGRESQL),
    "declines_not_kept": Planted(_LOSING, "that is not kept"),
    "fingerprint_not_compared": Planted(_LOSING, "instead of IDEMPOTENCY_KEY_REUSED"),
    "reversed_again": Planted(_LOSING, "^I9 .* was undone", count=25),
    "new_lot_instead": Planted(_LOSING, "^I9 .* went back to it"),
    "refund_keeps_points": Planted(_TIME, "it does not say why"),
    "expired_points_spent": Planted(_TIME, "^I8 .* that had expired", count=20),
    "newest_first": Planted(_TIME, "goes before what was taken"),
    "expiry_loses": Planted(_TIME, r"^I(3|4) "),
    "hold_stays_open": Planted(_LOSING, "^I14 "),
    "late_capture": Planted(_TIME, "was captured at", count=25),
    "float_points": Planted(_LOSING, "^I6 .* moved"),
    "transfer_renews": Planted(_LOSING, "^I15 .* is not as the one"),
    "desk_mixes_up_answers": Planted(_LOSING, "was answered with transaction"),
    "desk_asks_anew": Planted(("database's answers swallowed",), "nobody had such an intent", _POSTGRESQL, count=25),
    "group_acts_for_one": Planted(_LOSING, "is said to be of"),
    "merge_forgets_pending": Planted(_LOSING, "^I15 .* still has", count=25),
}
