"""The certificate of an erasure: what was done, when, and that nothing can be read any more; it names nobody, and is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore import Crm, Row, clock, ids, instants
from crmcore_compliance.rights.keys import signed
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["certificate_of"]

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
