"""What work stands in the table of jobs, for those who watch over it: how much, since when, and whether anybody is at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from crmcore import clock
from crmcore.database import Database
from crmcore.jobs.lease import NOW
from crmcore.jobs.moment import micros
from crmcore.jobs.states import State

__all__ = ["Due", "Standing", "standing"]

_COUNTED = (State.LATER, State.READY, State.PARKED, State.ASIDE, State.RUNNING, State.DEAD)
# Each part is answered from an index of its own. SQLite uses one only if its condition stands in the statement word by word.
_COUNTS = "\nunion all ".join(
    f"select {state.value}, count(*) from crm_job where {condition}"
    for state, condition in (
        (State.LATER, "state = 0"),
        (State.READY, "state = 1 and lane is null"),
        (State.READY, "state = 1 and lane is not null"),
        (State.PARKED, "state = 2 and lane is not null and state < 5"),
        (State.RUNNING, "state = 4"),
    )
)
_DUE = """
    select name, count(*), min(run_at) from (
        select name, run_at from crm_job where state = 0 and run_at <= $1
        union all select name, run_at from crm_job where state = 1 and lane is null
        union all select name, run_at from crm_job where state = 1 and lane is not null
    ) due group by name order by name
"""
_STUCK = "\nunion all ".join(
    f"select {state.value}, name, count(*) from crm_job where state = {state.value} group by name"
    for state in (State.ASIDE, State.DEAD)
)


@dataclass(frozen=True, slots=True)
class Due:
    """The jobs of one name that a worker could start now.

    Attributes:

        count: how many.
        seconds: for how long the first of them has waited.
    """

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at one moment.

    Attributes:

        states: how many jobs there are in each state, those that succeeded or were cancelled left out.
        due: those that could start now, by name.
        aside: those that no worker here wants, by name.
        dead: those that failed for good, by name.
        workers: processes that do jobs.
    """

    states: Mapping[State, int]
    due: Mapping[str, Due]
    aside: Mapping[str, int]
    dead: Mapping[str, int]
    workers: int

    @property
    def waits(self) -> float:
        """For how many seconds the first of those has waited that could start now; 0 without any."""
        return max((due.seconds for due in self.due.values()), default=0.0)


async def standing(database: Database) -> Standing:
    """Look; with 100,000 jobs waiting it takes some fifty milliseconds."""
    states = Counter[State]()
    for state, count in await database.fetch(_COUNTS):
        states[State(state)] += count
    stuck: dict[State, dict[str, int]] = {State.ASIDE: {}, State.DEAD: {}}
    for state, name, count in await database.fetch(_STUCK):
        stuck[State(state)][name] = count
        states[State(state)] += count
    now = micros(clock.now())
    due = {name: Due(count, max(now - first, 0) / 1e6) for name, count, first in await database.fetch(_DUE, now)}
    living = f"select count(*) from crm_job_worker where leased_until >= {NOW[database.dialect]}"
    workers = int(await database.fetch_value(living))
    counts = {state: states[state] for state in _COUNTED}
    return Standing(counts, due, stuck[State.ASIDE], stuck[State.DEAD], workers)
