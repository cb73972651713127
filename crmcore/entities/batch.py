"""Many calls in one unit of work: all or nothing, or each on its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from crmcore.entities.lots import in_lots
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid, Refusal, Violation

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
    atomic = mode is Mode.ATOMIC
    outcomes = await in_lots(work, calls, lambda call: call(), strict=atomic)
    if atomic and outcomes and isinstance(refusal := outcomes[-1], Refusal):
        raise _located(refusal, len(outcomes) - 1) from refusal
    return [
        Outcome(index, None, outcome) if isinstance(outcome, Refusal) else Outcome(index, outcome, None)
        for index, outcome in enumerate(outcomes)
    ]


def _located(refusal: Refusal, index: int) -> Refusal:
    violations: list[Violation] = [replace(v, path=f"{index}.{v.path}") for v in refusal.violations]
    return type(refusal)(f"Record {index}: {refusal.message}", violations)
