"""What the audit log adds to the evidence pack: its heads, that they follow from each other, and the breach register."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from crmcore import Actor
from crmcore_compliance.audit.heads import heads_after, latest
from crmcore_compliance.audit.proofs import consistency

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["evidence"]

#: Heads of the last days; the export of the log has all.
_HEADS = 1000


async def evidence(crm: Crm) -> Mapping[str, bytes]:
    """Return the last heads, the proof that the last follows from the first of them, and all breaches."""
    found: dict[str, bytes] = {}
    if (last := await latest(crm.database)) is not None:
        heads = await heads_after(crm.database, max(last.size - _HEADS, 0) - 1, _HEADS)
        found["audit/heads.jsonl"] = b"".join(_line(head.told) for head in heads)
        if (proof := await consistency(crm.database, heads[0].size, last.size)) is not None:
            found["audit/consistency.json"] = _line(proof.told)
    rows = await crm.run(Actor.system("compliance"), lambda work: work.find("compliance_breach"))
    rows.sort(key=lambda row: row["detected_at"])
    found["audit/breaches.jsonl"] = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    return found


def _line(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
