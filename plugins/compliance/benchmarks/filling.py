"""Very many contact points, written past the actions: rows, ciphertexts and tokens are those that the actions would write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.known import known

from crmcore import Crm, clock, ids, sealing

__all__ = ["fill"]

_CHUNK, _PEOPLE = 10_000, 1_000
_INSERT = """
    insert into contact_point (id, version, created_at, updated_at, created_by, updated_by, customer_id, type, value, normalized,
        is_primary, state)
    values ($1, 1, $2, $2, '{}', '{}', $3, 'EMAIL', $4, $5, $6, 'UNKNOWN')
"""
_PERSON = """
    insert into customer (id, version, created_at, updated_at, created_by, updated_by, kind, display_name, lifecycle_stage, lifecycle_entered_at, status,
        do_not_contact, do_not_call)
    values ($1, 1, $2, $2, '{}', '{}', 'ORGANIZATION', 'Somebody', 'LEAD', $2, 'ACTIVE', $3, $3)
"""


async def fill(crm: Crm, rows: int) -> None:
    """Write contact points of a thousand customers."""
    now = clock.now()
    # Older than the people of the page, which shows the newest.
    people = [UUID(int=n + 1) for n in range(_PEOPLE)]
    await crm.database.execute_many(_PERSON, [(id, now.replace(year=2001), False) for id in people])
    for first in range(0, rows, _CHUNK):
        values = [f"person{n}@example.com" for n in range(first, min(first + _CHUNK, rows))]
        made = [
            {"id": ids.new(), "customer_id": people[n % _PEOPLE], "type": "EMAIL", "value": value, "normalized": value}
            for n, value in enumerate(values)
        ]
        async with crm.database.transaction():
            stored = await _sealed(crm, made)
            await crm.database.execute_many(
                _INSERT, [(r["id"], now, r["customer_id"], r["value"], r["normalized"], False) for r in stored]
            )


async def _sealed(crm: Crm, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seal = crm.entities["contact_point"].seal
    if not isinstance(seal, EntitySeal):
        return rows
    told: list[Any] = [(None, row, row["customer_id"]) for row in rows]
    await seal.keeping.keep(crm.database, await known(crm.database), told)
    return await sealing.sealed_rows(crm.database, seal, rows)
