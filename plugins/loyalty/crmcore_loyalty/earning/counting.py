"""How much rules gave so far: read and locked before an award is decided, written after it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmcore import Work, ids
from crmcore_loyalty.earning.limits import Count, Scope, Tally

__all__ = ["keep", "lock", "look"]

_MAKE = """
    insert into loyalty_rule_use (id, program_id, code, scope, times, points) values ($1, $2, $3, $4, 0, 0)
    on conflict (program_id, code, scope) do nothing
"""
_READ = "select code, scope, times, points, last_at from loyalty_rule_use where program_id = $1 and code = $2 and scope = $3"
_KEEP = """
    update loyalty_rule_use set times = $4, points = $5, last_at = $6 where program_id = $1 and code = $2 and scope = $3
"""


async def lock(work: Work, program_id: UUID, wanted: Iterable[Scope]) -> Tally:
    """Return what was given within some scopes; others who want one of them wait until this transaction ends."""
    counts: dict[Scope, Count] = {}
    hold = " for update" if work.database.dialect == "postgresql" else ""
    # In one order, so that two who want the same ones never wait for each other.
    for code, scope in sorted(set(wanted)):
        await work.database.execute(_MAKE, ids.new(), program_id, code, scope)
        (row,) = await work.rows(f"{_READ}{hold}", program_id, code, scope)
        counts[code, scope] = Count(row["times"], row["points"], row["last_at"])
    return Tally(counts)


async def look(work: Work, program_id: UUID, wanted: Iterable[Scope]) -> Tally:
    """Return what was given within some scopes, as of now."""
    counts: dict[Scope, Count] = {}
    for code, scope in set(wanted):
        for row in await work.rows(_READ, program_id, code, scope):
            counts[code, scope] = Count(row["times"], row["points"], row["last_at"])
    return Tally(counts)


async def keep(work: Work, program_id: UUID, tally: Tally) -> None:
    """Write what was given."""
    changed = [(scope, tally.of(scope)) for scope in sorted(tally.changed)]
    await work.database.execute_many(
        _KEEP, [(program_id, code, scope, n.times, n.points, n.last_at) for (code, scope), n in changed]
    )
