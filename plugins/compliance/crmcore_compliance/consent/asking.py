"""Questions about consent in the API: whether a use is lawful now, and the receipt of a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from crmcore import Crm, Work, ids
from crmcore_compliance.consent.lawful import lawful
from crmcore_compliance.consent.receipts import receipt
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["compliance_consent_receipt", "compliance_lawful"]

_NOW = """
    select k.status, k.valid_until from compliance_consent k join compliance_purpose p on p.id = k.purpose_id
    where k.customer_id = $1 and p.code = $2 and k.deleted_at is null and p.deleted_at is null
"""


@strawberry.type(description="Whether a person's data may be used for a purpose now.")
class ComplianceLawfulness:
    lawful: bool = strawberry.field(description="Whether they may.")
    decision: str | None = strawberry.field(description="What the person decided last; null if they were never asked.")
    valid_until: datetime | None = strawberry.field(
        description="Until when their consent counts, if it ends by itself."
    )


async def _lawful(
    info: strawberry.Info[Any, None],
    customer_id: Annotated[strawberry.ID, strawberry.argument(description="Whose data.")],
    purpose: Annotated[str, strawberry.argument(description="Code of the purpose.")],
) -> ComplianceLawfulness:
    crm: Crm = info.context.crm

    async def unit(work: Work) -> ComplianceLawfulness:
        customer = await work.get("customer", ids.parse(customer_id, "customer"))
        allowed = await lawful(work.database, purpose, [customer["id"]])
        rows = await work.rows(_NOW, customer["id"], purpose)
        status, until = (rows[0]["status"], rows[0]["valid_until"]) if rows else (None, None)
        return ComplianceLawfulness(lawful=customer["id"] in allowed, decision=status, valid_until=until)

    return await crm.run(info.context.actor, unit)


async def _receipt(
    info: strawberry.Info[Any, None],
    id: Annotated[strawberry.ID, strawberry.argument(description="The recorded decision.")],
) -> JSON:
    crm: Crm = info.context.crm

    async def unit(work: Work) -> JSON:
        event = await work.get("compliance_consent_event", ids.parse(id, "compliance_consent_event"))
        return JSON(await receipt(work, event, crm.settings[ComplianceSettings]))

    return await crm.run(info.context.actor, unit)


#: The query `complianceLawful`.
compliance_lawful: Any = strawberry.field(
    name="complianceLawful",
    resolver=_lawful,
    description="Whether a person's data may be used for a purpose at this moment, and what they decided.",
)

#: The query `complianceConsentReceipt`.
compliance_consent_receipt: Any = strawberry.field(
    name="complianceConsentReceipt",
    resolver=_receipt,
    description="The receipt of a decision by ISO/IEC TS 27560, as JSON-LD.",
)
