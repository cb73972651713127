"""Whose data was looked at, by whom, in which time: what the access log says of a subject, and of a breach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Database, errors, ids

__all__ = ["Looked", "Touched", "count_touched", "looks_at", "touched"]

_BEFORE_ALL = UUID(int=0)
_FIELDS = {
    "sqlite": "group_concat(distinct a.entity || '.' || a.field)",
    "postgresql": "string_agg(distinct a.entity || '.' || a.field, ',')",
}
# In the time of a breach, by the account that was used if one is known, and what was refused showed nothing.
_OF_BREACH = """
    from compliance_access_subject s join compliance_access a on a.id = s.access_id
    where s.subject_id is not null and a.at >= $1 and a.at <= $2 and (a.actor_id = $3 or $3 = '') and a.outcome <> 'REFUSED'
"""
_TOUCHED = """
    select s.subject_id, count(*), {fields}, min(a.at), max(a.at) {of_breach} and s.subject_id > $4
    group by s.subject_id order by s.subject_id limit $5
"""
_LOOKS = """
    select a.id, a.at, a.actor_kind, a.actor_id, a.entity, a.field, a.outcome, a.purpose, s.record_id
    from compliance_access_subject s join compliance_access a on a.id = s.access_id
    where s.subject_id = $1 and s.at < $2 order by s.at desc, s.id desc limit $3
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """A subject whose data was looked at: how often, which fields, when first and last."""

    subject_id: UUID
    looks: int
    fields: tuple[str, ...]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """One access to one record of a subject."""

    access_id: UUID
    at: datetime
    actor_kind: str
    actor_id: str | None
    entity: str
    field: str
    outcome: str
    purpose: str | None
    record_id: UUID


async def touched(
    database: Database, breach: Mapping[str, Any], until: datetime, *, after: UUID | None = None, limit: int = 1000
) -> list[Touched]:
    """Return the subjects that a breach touches, by id, as far as sensitive data is concerned: that is what is noted.

    Args:

        database: where.
        breach: its row; it says from when to when, and by whose account.
        until: when it ended, if it has not.
        after: the subject with which the last page ended.
        limit: how many at most.

    Raises:

        Invalid: nobody has said when it began.
    """
    sql = _TOUCHED.format(fields=_FIELDS[database.dialect], of_breach=_OF_BREACH)
    rows = await database.fetch(sql, *_bounds(breach, until), after or _BEFORE_ALL, limit)
    return [
        Touched(id, looks, tuple(sorted(said.split(","))), _at(first), _at(last))
        for id, looks, said, first, last in rows
    ]


async def count_touched(database: Database, breach: Mapping[str, Any], until: datetime) -> int:
    """Return how many subjects a breach touches."""
    found: int = await database.fetch_value(
        f"select count(distinct s.subject_id) {_OF_BREACH}", *_bounds(breach, until)
    )
    return found


async def looks_at(database: Database, subject: UUID, before: datetime, limit: int) -> list[Looked]:
    """Return who has looked at sensitive data of a subject, the last look first."""
    return [Looked(*row) for row in await database.fetch(_LOOKS, subject, before, limit)]


def _bounds(breach: Mapping[str, Any], until: datetime) -> tuple[datetime, datetime, str]:
    if breach["began_at"] is None:
        msg = f"Nobody has said when {ids.encode('compliance_breach', breach['id'])} began; set beganAt."
        raise errors.Invalid.at("id", "NO_BEGINNING", msg)
    return breach["began_at"], breach["ended_at"] or until, breach["actor_id"] or ""


def _at(value: Any) -> datetime:
    # An aggregate is no column, so SQLite's driver gives what is stored.
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
