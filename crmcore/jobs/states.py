"""The states of a job: four ways to wait, running, and three ways to have ended."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["State", "name_of"]


class State(IntEnum):
    """What a row of `crm_job` has in `state`; those before DONE are open.

    Attributes:

        LATER: its time has not come.
        READY: any worker may take it.
        PARKED: its time has come, its turn in its lane has not.
        ASIDE: no worker here wants it: none knows its name (the plugin is gone), or what it does is switched off.
        RUNNING: a worker has it.
        DONE: it succeeded.
        DEAD: it failed for good; `error` says why.
        CANCELLED: somebody did not want it any more.
    """

    LATER = 0
    READY = 1
    PARKED = 2
    ASIDE = 3
    RUNNING = 4
    DONE = 5
    DEAD = 6
    CANCELLED = 7


def name_of(state: int) -> str:
    """Return what people call a state: waiting, running, done, dead or cancelled."""
    return "waiting" if state < State.RUNNING else State(state).name.lower()
