"""The steps of an erasure: rows, keys, files, proof, certificate. Each can be done again; what is done stays done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from crmcore import Actor, Crm, Work, ids, instants, subjects
from crmcore_compliance.rights.erasing.certificate import certificate_of, noted, proof_of
from crmcore_compliance.rights.erasing.erasing import Erased, erase
from crmcore_compliance.rights.outcome import At, Step, StepDone
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.requests import ComplianceErasureMode as Mode

__all__ = ["ERASING", "destroy_keys", "result_of", "verified"]

_SERVER = Actor.system("compliance")


async def _rows(work: Work, at: At) -> StepDone:
    request = at.request
    subject = await subjects.subject_of(
        work.database,
        request["customer_id"],
        request_id=str(request["id"]),
        delete=request["mode"] == Mode.SHRED_AND_DELETE.name,
    )
    done = await erase(at.crm, work, subject)
    await work.database.execute("delete from compliance_package where subject_id = $1", str(subject.id))
    return StepDone(rows=done.rows, result=result_of(subject, done))


def result_of(subject: subjects.Subject, done: Erased) -> dict[str, Any]:
    """Return what was done as the next steps need it; ids are pseudonyms."""
    return {
        "subjects": [str(id) for id in subject.ids],
        "records": {entity: [str(id) for id in some] for entity, some in done.records.items()},
        "lines": [asdict(line) for line in done.lines],
        "unclassified": list(done.unclassified),
    }


async def _keys(at: At) -> StepDone:
    shown = ids.encode("compliance_request", at.request["id"])
    destroyed = await destroy_keys(at.crm, [UUID(id) for id in at.results["rows"]["subjects"]], shown)
    return StepDone(rows=sum(len(one["keys"]) for one in destroyed), result={"destroyed": destroyed})


async def destroy_keys(crm: Crm, customers: list[UUID], request_id: str | None) -> list[dict[str, Any]]:
    """Destroy the keys of some people for good; return the tombstones."""
    keyring = compliance_of(crm).keyring
    found = [await keyring.destroy(id, request_id) for id in customers]
    return [
        {"subject": one.subject, "keys": list(one.keys), "destroyedAt": instants.wire(one.destroyed_at)}
        for one in found
    ]


async def _scour(at: At) -> StepDone:
    await subjects.scour(at.crm.database)
    return StepDone()


async def _verify(at: At) -> StepDone:
    found = await verified(at.crm, at.results["rows"])
    if found.readable:
        msg = f"{found.readable} sealed values of an erased person can still be opened."
        raise StillReadable(msg)
    said = {"unreadable": found.unreadable, "readable": 0, "plain": sorted(found.plain)}
    return StepDone(rows=found.unreadable, result=said)


class StillReadable(Exception):
    """Something of an erased person can be read; the request is not complete before it cannot."""


async def verified(crm: Crm, result: Mapping[str, Any]) -> subjects.Remains:
    """Look for what can still be read of all that was erased: in tables and in the feed."""
    kept = {line["entity"] for line in result["lines"] if line["fate"] == subjects.Fate.KEPT.name}
    records = {entity: [UUID(id) for id in some] for entity, some in result["records"].items() if entity not in kept}
    return await subjects.remains(crm.database, crm.entities, records)


async def _certify(work: Work, at: At) -> StepDone:
    certificate = await certificate_of(at.crm, at.request, at.results)
    entry = await noted(work.database, certificate)
    return StepDone(request={"certificate": certificate}, result={"entry": str(entry)})


async def _prove(at: At) -> StepDone:
    proof = await proof_of(at.crm, UUID(at.results["certificate"]["entry"]))
    # What the step before has written, the request at hand does not know.
    row = await at.crm.run(_SERVER, lambda work: work.get("compliance_request", at.request["id"], deleted=True))
    return StepDone(request={"certificate": {**row["certificate"], "inclusion": proof}})


ERASING = (
    Step("rows", inside=_rows, holdable=True),
    Step("keys", outside=_keys),
    Step("scour", outside=_scour),
    Step("verify", outside=_verify),
    Step("certificate", inside=_certify),
    Step("proof", outside=_prove),
)
