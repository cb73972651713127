"""What the evidence pack has of people's rights: requests with their clocks, certificates, holds, and runs of retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore import Crm, ids, instants
from crmcore_compliance.keys.documents import canonical

__all__ = ["evidence"]

_REQUESTS = """
    select id, subject, kind, regime, status, received_at, due_at, extended_at, verified_at, decided_at, completed_at
    from compliance_request order by received_at, id
"""
_CERTIFICATES = "select id, certificate from compliance_request where certificate is not null order by id"
_HOLDS = "select id, everybody, reason, placed_at, until, released_at from compliance_hold order by placed_at, id"
_RUNS = "select id, dry_run, before, met, held, done, proof from compliance_retention_run order by id"


async def evidence(crm: Crm) -> Mapping[str, bytes]:
    """Return the files; nobody is named in them."""
    found = {
        "requests.json": await _rows(crm, _REQUESTS, "compliance_request"),
        "erasure-certificates.json": await _rows(crm, _CERTIFICATES, "compliance_request"),
        "legal-holds.json": await _rows(crm, _HOLDS, "compliance_hold"),
        "retention-runs.json": await _rows(crm, _RUNS, "compliance_retention_run"),
    }
    return {name: canonical(rows) for name, rows in found.items()}


async def _rows(crm: Crm, sql: str, entity: str) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in row.items()} | {"id": ids.encode(entity, row["id"])}
        for row in await crm.database.fetch_dicts(sql)
    ]


def _plain(value: Any) -> Any:
    return instants.wire(value) if hasattr(value, "tzinfo") else value
