"""Tokens by which sealed values are looked up go with the person, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crmcore import Database

__all__ = ["forget_tokens"]


async def forget_tokens(database: Database, customers: Sequence[UUID], records: Sequence[UUID]) -> int:
    """Delete all tokens of some people and of some records; say how many."""
    inside = {
        "sqlite": "select value from json_each({})",
        "postgresql": "select unnest({}::uuid[])",
    }[database.dialect]
    sql = (
        f"delete from compliance_token where subject_id in ({inside.format('$1')}) "
        f"or record_id in ({inside.format('$2')})"
    )
    return await database.execute(sql, list(customers), list(records))
