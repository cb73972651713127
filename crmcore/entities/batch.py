"""Many calls in one unit of work: all or nothing, or each on its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid, Refusal, Unavailable, Violation

__all__ = ["LARGEST", "Mode", "Outcome", "batch"]

#: Records one batch may hold.
LARGEST = 1000


class Mode(Enum):
    """What one refusal means for the rest of a batch."""

    ATOMIC = "atomic"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call: a row, or the refusal."""

    index: int
    row: Row | None
    refusal: Refusal | None


async def batch(work: Work, calls: Sequence[Callable[[], Awaitable[Row]]], mode: Mode) -> list[Outcome]:
    """Make the calls in order.

    Args:

        work: the unit of work they write in.
        calls: each writes one record.
        mode: ATOMIC undoes everything when one is refused; PARTIAL keeps what succeeded, each call in a savepoint.

    Raises:

        Invalid: more calls than `LARGEST`.
        Refusal: in ATOMIC mode, the first call's refusal, with the call's index in its paths.
        Unavailable: a passing reason; the whole batch may be made again.
    """
    if len(calls) > LARGEST:
        msg = f"A batch holds at most {LARGEST} records, this one has {len(calls)}; send several."
        raise Invalid(msg)
    return [await _one(work, index, call, mode) for index, call in enumerate(calls)]


async def _one(work: Work, index: int, call: Callable[[], Awaitable[Row]], mode: Mode) -> Outcome:
    try:
        if mode is Mode.ATOMIC:
            return Outcome(index, await call(), None)
        async with work.savepoint():
            return Outcome(index, await call(), None)
    except Unavailable:
        # Nobody refused this record; said of it alone, and kept with an idempotency key, it would never be tried again.
        raise
    except Refusal as refusal:
        if mode is Mode.PARTIAL:
            return Outcome(index, None, refusal)
        raise _located(refusal, index) from refusal


def _located(refusal: Refusal, index: int) -> Refusal:
    violations: list[Violation] = [replace(v, path=f"{index}.{v.path}") for v in refusal.violations]
    return type(refusal)(f"Record {index}: {refusal.message}", violations)
