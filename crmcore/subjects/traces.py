"""What the core itself keeps of requests about records: outcomes of idempotent requests and answers of receivers of webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crmcore.database import Database, ids
from crmcore.database.arrays import members

__all__ = ["forget_traces"]

_ANSWERS = "update crm_webhook_delivery set answer = null, error = null where record in ({})"
# An outcome names its record; a refusal can quote what was sent.
_OUTCOMES = """
    with shown(id) as ({})
    delete from crm_idempotency_key where exists (
        select 1 from shown where coalesce(outcome, '') || coalesce(refusal, '') like '%' || shown.id || '%'
    )
"""
_AT_ONCE = 200


async def forget_traces(database: Database, records: Mapping[str, Sequence[UUID]]) -> int:
    """Forget what was answered in requests about some records, and what receivers of webhooks answered; say how much."""
    shown = [(ids.encode(entity, id), str(id)) for entity, found in records.items() for id in found]
    inside, done = members(database.dialect, "$1", "text"), 0
    for start in range(0, len(shown), _AT_ONCE):
        few = shown[start : start + _AT_ONCE]
        done += await database.execute(_ANSWERS.format(inside), [one for one, _ in few])
        done += await database.execute(_OUTCOMES.format(inside), [name for names in few for name in names])
    return done
