"""A person with records everywhere, and requests about them, for the tests of rights."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore_compliance.rights.deciding import ACTIONS
from crmcore_compliance.rights.receiving import compliance_receive_request, compliance_verify_identity
from crmcore_compliance.tables.requests import ComplianceErasureMode, ComplianceRegime, ComplianceRequestKind

from crmcore import Actor, actions
from crmcore.testing import TestCrm

__all__ = ["CANARIES", "ada_of", "approve", "asked", "extend_time", "request_of", "row_of"]

approve, extend_time = ACTIONS[0], ACTIONS[6]

#: What nobody may find of Ada after her erasure.
CANARIES = ("Lovelacequark", "quark@example.com", "Quarkstrasse", "quarknote", "quarkcall", "quarktask", "quarkdeal")


async def ada_of(crm: TestCrm) -> UUID:
    """Make a customer with a contact point, an address, an interaction, a deal, a task, an order and a tag."""

    async def unit(work: Any) -> UUID:
        values = {"kind": "PERSON", "given_name": "Ada", "family_name": "Lovelacequark", "description": "quarknote"}
        ada = await actions.create(work, "customer", values)
        of = {"customer_id": ada["id"]}
        await actions.create(work, "contact_point", {**of, "type": "EMAIL", "value": "quark@example.com"})
        await actions.create(work, "address", {**of, "type": "HOME", "lines": "Quarkstrasse 1", "city": "Berlin"})
        call = {**of, "kind": "CALL", "status": "COMPLETED", "occurred_at": work.now, "subject": "quarkcall"}
        await actions.create(work, "interaction", call)
        about = {"subject_id": ada["id"], "subject_type": "customer"}
        await actions.create(work, "task", {**about, "title": "quarktask"})
        await actions.update(work, "customer", ada["id"], {"job_title": "quarknote"})
        id: UUID = ada["id"]
        return id

    return await crm.run(Actor.system("tests"), unit)


async def request_of(
    crm: TestCrm,
    customer_id: UUID,
    kind: str = "ERASURE",
    regime: str = "GDPR",
    mode: str = "SHRED_AND_DELETE",
    **more: Any,
) -> UUID:
    """Receive a request and verify who asks."""

    async def unit(work: Any) -> UUID:
        row = await compliance_receive_request(
            work,
            customer_id,
            ComplianceRequestKind[kind],
            ComplianceRegime[regime],
            mode=ComplianceErasureMode[mode],
            **more,
        )
        await compliance_verify_identity(work, row["id"], "signed in")
        id: UUID = row["id"]
        return id

    return await crm.run(Actor.system("tests"), unit)


async def asked(crm: TestCrm, customer_id: UUID, kind: str = "ERASURE", **more: Any) -> UUID:
    """Receive a request, verify and approve it, and have it carried out."""
    id = await request_of(crm, customer_id, kind, **more)
    await crm.run(Actor.system("tests"), lambda work: approve(work, id))
    await crm.work_off()
    return id


async def row_of(crm: TestCrm, entity: str, id: UUID) -> dict[str, Any]:
    """Read a record, a deleted one too."""
    return await crm.run(Actor.system("tests"), lambda work: work.get(entity, id, deleted=True))
