"""How far the work on a column is: noted with every batch, so that whoever goes on knows where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from crmcore import Database, clock, errors
from crmcore_compliance.sealing.declared import place_of, shown_place
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork

__all__ = ["Standing", "begin", "note", "pause", "standing_of", "standings"]

_STATE, _WORK = ComplianceColumnState, ComplianceWork
_READ: Final = """
    select field, entity, "column", state, work, paused, reached, in_feed, done, total, problem, began_at, ended_at
    from compliance_column order by field
"""
_WRITE: Final = """
    update compliance_column set state = $2, work = $3, paused = $4, reached = $5, in_feed = $6, done = $7, total = $8,
        problem = $9, began_at = $10, ended_at = $11
    where field = $1
"""
#: From which states what can be begun, and the state that follows at once.
_BEGINS: Final = {
    _WORK.SEAL: ({_STATE.PLAIN: _STATE.SEALING, _STATE.UNSEALING: _STATE.SEALING, _STATE.SEALING: _STATE.SEALING}),
    _WORK.UNSEAL: ({_STATE.SEALED: _STATE.UNSEALING, _STATE.SEALING: _STATE.UNSEALING}),
    _WORK.RESEAL: ({_STATE.SEALED: _STATE.SEALED}),
    _WORK.INDEX: ({_STATE.SEALED: _STATE.SEALED}),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of `compliance_column`; see there."""

    field: str
    entity: str
    column: str
    state: ComplianceColumnState
    work: ComplianceWork | None
    paused: bool
    reached: str | None
    in_feed: bool
    done: int
    total: int
    problem: str | None
    began_at: datetime | None
    ended_at: datetime | None

    @property
    def shown(self) -> str:
        """The field as settings name it."""
        return shown_place(self.entity, self.column)


async def standings(database: Database) -> list[Standing]:
    """Return how all columns stand, by field."""
    rows = await database.fetch_dicts(_READ)
    return [_standing(row) for row in rows]


async def standing_of(database: Database, field: str) -> Standing:
    """Return how one column stands.

    Args:

        database: where.
        field: its id, or its name: `customer.familyName`, `customer.family_name`.

    Raises:

        Invalid: it is not known as a sealed one.
    """
    known, place = await standings(database), place_of(field)
    by_name = next((each for each in known if (each.entity, each.column) == place), None)
    if (found := next((each for each in known if each.field == field), by_name)) is None:
        names = ", ".join(each.shown for each in known)
        are = f"it names {names}" if names else "it names none; it would name one as in customer.familyName"
        msg = f"{field[:100]!r} is no field that [plugins.compliance] sealed names; {are}."
        raise errors.Invalid.at("field", "UNKNOWN_FIELD", msg)
    return found


def _standing(row: dict[str, Any]) -> Standing:
    work = row.pop("work")
    state = _STATE[row.pop("state")]
    return Standing(
        **{**row, "paused": bool(row["paused"]), "in_feed": bool(row["in_feed"])},
        state=state,
        work=work and _WORK[work],
    )


async def begin(database: Database, field: str, work: ComplianceWork) -> Standing:
    """Note that something is to be done to all values of a column; what is being done already goes on.

    Raises:

        Conflict: something else is being done to it, or its state does not allow it.
    """
    async with database.transaction():
        standing = await standing_of(database, field)
        if standing.work is work:
            return await note(database, replace(standing, paused=False, problem=None))
        turning_back = standing.work in (_WORK.SEAL, _WORK.UNSEAL) and work in (_WORK.SEAL, _WORK.UNSEAL)
        if (standing.work is not None and not turning_back) or standing.state not in _BEGINS[work]:
            doing = f", and {standing.work.name.lower()} is at work" if standing.work else ""
            msg = f"{standing.shown} is {standing.state.name.lower()}{doing}; {work.name.lower()} cannot begin."
            raise errors.Conflict(msg)
        state = _BEGINS[work][standing.state]
        fresh = Standing(
            standing.field,
            standing.entity,
            standing.column,
            state,
            work,
            False,
            None,
            False,
            0,
            0,
            None,
            clock.now(),
            None,
        )
        return await note(database, fresh)


async def pause(database: Database, field: str, *, paused: bool) -> Standing:
    """Have the work on a column wait, or go on."""
    async with database.transaction():
        return await note(database, replace(await standing_of(database, field), paused=paused))


async def note(database: Database, standing: Standing) -> Standing:
    """Write how a column stands."""
    s = standing
    work = None if s.work is None else s.work.name
    await database.execute(
        _WRITE,
        s.field,
        s.state.name,
        work,
        s.paused,
        s.reached,
        s.in_feed,
        s.done,
        s.total,
        s.problem,
        s.began_at,
        s.ended_at,
    )
    return standing
