"""How far the log has come; whoever goes on with it first says from where, so that two never do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crmcore import Database, ids
from crmcore.events.cursor import START, Cursor

__all__ = ["State", "advance", "read_state"]

_ROW = UUID(int=1)
#: The present time in seconds, by the clock that all processes share.
_NOW = {
    "postgresql": "extract(epoch from clock_timestamp())",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}
_READ = """
    select log, size, era, transaction_id, position, previous, holder, held_until > {now} as held
    from compliance_audit_state
"""
_BEGIN = """
    insert into compliance_audit_state
        (id, log, size, era, transaction_id, position, previous, holder, held_until)
    values ($1, $2, 0, $3, $4, $5, '', '', 0.0) on conflict (id) do nothing
"""
_ADVANCE = """
    update compliance_audit_state set size = $1, era = $2, transaction_id = $3, position = $4, previous = $5, holder = $6,
        held_until = {now} + $7
    where size = $8 and previous = $9 and (holder = $6 or held_until <= {now})
"""


@dataclass(frozen=True, slots=True)
class State:
    """How far the log has come.

    Attributes:

        log: identifies the log.
        size: how many entries it has.
        cursor: how far the change feed was read.
        previous: digest of the last head, empty before the first.
        holder: which process goes on with it.
        held: whether that process still has the right to.
    """

    log: str
    size: int
    cursor: Cursor
    previous: str
    holder: str
    held: bool


async def read_state(database: Database) -> State:
    """Return how far the log has come; it begins with the first call."""
    sql = _READ.format(now=_NOW[database.dialect])
    if not (found := await database.fetch(sql)):
        begin = START.era, START.transaction, START.position
        await database.execute(_BEGIN, _ROW, str(ids.new()), *begin)
        found = await database.fetch(sql)
    log, size, era, transaction, position, previous, holder, held = found[0]
    return State(log, size, Cursor(era, transaction, position), previous, holder, bool(held))


async def advance(
    database: Database, was: State, size: int, cursor: Cursor, previous: str, holder: str, seconds: float
) -> bool:
    """Say that the log goes on, in the transaction that writes how; False if somebody else was at it.

    Args:

        database: where.
        was: where it goes on from.
        size: how many entries it has then.
        cursor: how far the change feed was read.
        previous: digest of the new head.
        holder: who goes on with it.
        seconds: for how long nobody else does.
    """
    after = size, cursor.era, cursor.transaction, cursor.position, previous, holder, seconds
    sql = _ADVANCE.format(now=_NOW[database.dialect])
    return await database.execute(sql, *after, was.size, was.previous) == 1
