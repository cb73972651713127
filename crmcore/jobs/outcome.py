"""How an attempt at a job ended, and what a job may raise to say so itself."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto
from typing import NamedTuple

from crmcore.jobs.claimed import Claimed

__all__ = ["Dead", "Ended", "Lost", "Outcome", "Retry"]


class Retry(Exception):
    """Raised by a job: not now, try again after a while; it counts as a failed attempt.

    Args:

        after: seconds or a timedelta until the next attempt.
        reason: what to show until then.
    """

    def __init__(self, after: float | timedelta, reason: str = "The job asked to be tried again later.") -> None:
        super().__init__(reason)
        self.seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)


class Dead(Exception):
    """Raised by a job: trying again is useless; it is dead at once, and the reason is shown."""


class Lost(Exception):
    """The job is no longer this attempt's: its worker was taken for dead, or it has been ended; nothing was written."""


class Outcome(Enum):
    """How an attempt ended.

    Attributes:

        DONE: it succeeded.
        FINISHED: it succeeded, and `Run.finish` has written so.
        FAILED: it failed, and is tried again.
        DEAD: it failed for good.
        CANCELLED: somebody did not want it any more.
        BACK: it was not finished, through no fault of its own: the worker stops.
        PUT_OFF: neither: the CRM's own database was away.
        ASIDE: nobody here wants it.
        LOST: it is another worker's by now.
    """

    DONE = auto()
    FINISHED = auto()
    FAILED = auto()
    DEAD = auto()
    CANCELLED = auto()
    BACK = auto()
    PUT_OFF = auto()
    ASIDE = auto()
    LOST = auto()


class Ended(NamedTuple):
    """An attempt that ended, to be written.

    Attributes:

        job: which.
        outcome: how.
        error: why it failed.
        run_at: microseconds since 1970 of the next attempt, for FAILED and PUT_OFF.
        keep: whether the row stays when it succeeded.
        raised: whether it failed by itself: by an exception, or because its time was out.
    """

    job: Claimed
    outcome: Outcome
    error: str | None = None
    run_at: int | None = None
    keep: bool = False
    raised: bool = False
