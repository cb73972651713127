"""The certificate of an erasure: what was done, when, and that nothing can be read any more; it names nobody, and is signed.

The audit log has its digest, and the certificate the proof of that: whoever holds one can show that it was not made later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final
from uuid import UUID

from crmcore import Crm, Database, Row, clock, errors, ids, instants
from crmcore_compliance.audit import inclusion, note, sequence_all
from crmcore_compliance.keys.documents import signed
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["certificate_of", "noted", "proof_of"]

#: Seconds for which it is waited that another process has put the note into the log, and between looks.
_LONGEST: Final = 30.0
_AGAIN: Final = 0.1

_BACKUPS = (
    "Backups of the data that were made before hold sealed values whose keys are destroyed. Keys in backups of the keystore "
    "cannot be used once the epoch's key is destroyed, which is {days} days after the epoch at the latest. Values that were "
    "not sealed stay in backups until these are thrown away; when one is restored, the erasure is done again."
)


async def certificate_of(crm: Crm, request: Row, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the certificate of an erasure that was done and verified."""
    rows, keys, verify = results["rows"], results["keys"], results["verify"]
    body = {
        "type": "crmcore-compliance/erasure-certificate/1",
        "request": ids.encode("compliance_request", request["id"]),
        "subject": request["subject"],
        "regime": request["regime"],
        "mode": request["mode"],
        "receivedAt": instants.wire(request["received_at"]),
        "certifiedAt": instants.wire(clock.now()),
        "records": rows["lines"],
        "notClassified": rows["unclassified"],
        "keysDestroyed": keys["destroyed"],
        "verified": verify,
        "backups": _BACKUPS.format(days=crm.settings[ComplianceSettings].epoch_kept_days),
    }
    return await signed(crm.database, body)


async def noted(database: Database, certificate: Mapping[str, Any]) -> UUID:
    """Have the log tell of a certificate, in the transaction that keeps it; return the entry's id."""
    facts = {"request": certificate["request"], "certificate": certificate["sha256"]}
    return await note(database, "erasure.certified", facts)


async def proof_of(crm: Crm, entry: UUID) -> dict[str, Any]:
    """Return the proof that an entry is in the log, as the offline verifier reads it.

    Raises:

        Unavailable: another process is at the log and does not put it in.
    """
    until = monotonic() + _LONGEST
    while True:
        await sequence_all(crm)
        if (proof := await inclusion(crm.database, entry)) is not None:
            return proof.told
        if monotonic() >= until:
            msg = "The audit log does not go on, so the certificate of an erasure cannot be proved; it is tried again."
            raise errors.Unavailable(msg)
        await asyncio.sleep(_AGAIN)
