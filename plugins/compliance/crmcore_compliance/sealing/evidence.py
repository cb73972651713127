"""What sealing adds to the evidence pack: how far each field is sealed, and by which indexes it is found."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from crmcore import Crm
from crmcore_compliance.sealing.standing import standings

__all__ = ["evidence"]

_INDEXES = """
    select field, kind, version, normaliser, bits, unicode, state, made_at from compliance_index order by field, kind, version
"""


async def evidence(crm: Crm) -> Mapping[str, bytes]:
    """Return `sealing.json`; there is nothing personal in it, and no key."""
    fields = [
        {
            "field": s.shown,
            "state": s.state.name,
            "work": s.work and s.work.name,
            "began": s.began_at,
            "ended": s.ended_at,
        }
        for s in await standings(crm.database)
    ]
    told = {"fields": fields, "indexes": await crm.database.fetch_dicts(_INDEXES)}
    return {"sealing.json": msgspec.json.format(msgspec.json.encode(told))}
