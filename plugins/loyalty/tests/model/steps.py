"""What may happen in a step, how often, and with which values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from plain_parts import CURRENCIES, ZONE

__all__ = ["AFTER", "STEP"]

#: Shortly before days that are not as others: daylight saving ends and begins, months, a year and a leap day end.
_TURNS = [
    datetime(*turn, tzinfo=ZONE).astimezone(UTC)
    for turn in (
        (2027, 11, 7, 0, 30), (2027, 11, 30, 23, 50), (2027, 12, 31, 23, 55), (2028, 2, 28, 23, 50), (2028, 2, 29, 23, 50),
        (2028, 3, 12, 1, 30), (2028, 6, 30, 12, 0), (2028, 11, 5, 0, 30), (2028, 12, 31, 23, 55), (2029, 12, 31, 23, 0),
    )
]  # fmt: skip

_MEMBER, _OTHER, _CODE = st.integers(0, 2), st.integers(1, 2), st.sampled_from(sorted(CURRENCIES))
_POINTS, _WHICH, _PART = st.integers(1, 40), st.integers(0, 5), st.none() | st.integers(1, 40)
_HOW: dict[str, tuple[int, dict[str, st.SearchStrategy[Any]]]] = {
    "accrue": (
        8,
        {"member": _MEMBER, "code": _CODE, "points": _POINTS, "waits": st.sampled_from((False, False, True))},
    ),
    "redeem": (8, {"member": _MEMBER, "code": _CODE, "points": _POINTS, "days": st.sampled_from((0, 0, 0, 3, 20, 31))}),
    "together": (
        4,
        {"several": st.lists(st.tuples(st.booleans(), _MEMBER, _CODE, _POINTS), min_size=2, max_size=6)},
    ),
    "reserve": (6, {"member": _MEMBER, "code": _CODE, "points": _POINTS}),
    "capture": (4, {"which": _WHICH, "points": _PART}),
    "void": (2, {"which": _WHICH}),
    "activate": (2, {"which": _WHICH}),
    "cancel": (1, {"which": _WHICH}),
    "undo_earning": (4, {"which": _WHICH, "points": _PART}),
    "undo_spending": (5, {"which": _WHICH, "points": _PART}),
    "adjust": (2, {"member": _MEMBER, "code": _CODE, "points": st.integers(-20, 20).filter(bool)}),
    "transfer": (5, {"giver": _MEMBER, "other": _OTHER, "code": _CODE, "points": _POINTS}),
    "merge": (1, {"old": _MEMBER, "other": _OTHER}),
    "jump": (1, {"turn": st.sampled_from(_TURNS), "minutes": st.integers(0, 90)}),
    "wait": (3, {"days": st.integers(1, 5)}),
    "sweep": (3, {}),
}
#: What each of those that follow another one follows.
AFTER = {
    "capture": "HOLD",
    "void": "HOLD",
    "activate": "ACCRUAL",
    "cancel": "ACCRUAL",
    "undo_earning": "ADDED",
    "undo_spending": "SPENT",
}
#: Chosen as often as they are written down; hypothesis alone would leave most of them out of each example.
STEP = st.sampled_from([name for name, (times, _) in _HOW.items() for _ in range(times)]).flatmap(
    lambda name: st.tuples(st.just(name), st.fixed_dictionaries(_HOW[name][1]))
)
