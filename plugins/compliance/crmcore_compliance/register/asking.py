"""The register in the API: fields by what they hold, the record of processing, and what a text holds."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from crmcore import Crm, errors
from crmcore_compliance.register.classified import classified
from crmcore_compliance.register.permissions import REGISTER_READ
from crmcore_compliance.register.processing import record_of_processing
from crmcore_compliance.register.scanning import scan
from crmcore_compliance.register.written import FORMATS
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["compliance_fields", "compliance_record_of_processing", "compliance_scan"]

_LONGEST = 100_000


@strawberry.type(description="What a column is said to hold of a person.")
class ComplianceField:
    entity: str = strawberry.field(description="The entity, as in `customer`.")
    column: str = strawberry.field(description="The column, as in `given_name`.")
    plugin: str = strawberry.field(description="Who declares it.")
    category: str | None = strawberry.field(
        description="Category of personal data; null if it holds none or nobody said."
    )
    sensitivity: int | None = strawberry.field(description="0 public, 1 internal, 2 personal, 3 sensitive.")
    mask: str | None = strawberry.field(description="How it is masked.")
    sealed: bool = strawberry.field(description="Whether it is stored as ciphertext.")
    unclassified: bool = strawberry.field(description="Whether it could hold personal data and nobody has said.")


@strawberry.type(description="Something personal in a text.")
class ComplianceFinding:
    start: int = strawberry.field(description="Where it begins, in characters.")
    end: int = strawberry.field(description="Where it ends.")
    category: str = strawberry.field(description="Category of personal data.")
    kind: str = strawberry.field(description="What it was recognised as, as in `EMAIL`.")


async def _fields(
    info: strawberry.Info[Any, None],
    unclassified_only: Annotated[
        bool, strawberry.argument(description="Only those that nobody has said anything about.")
    ] = False,
) -> list[ComplianceField]:
    return [
        ComplianceField(
            entity=one.entity,
            column=one.column,
            plugin=one.plugin,
            category=one.category,
            sensitivity=one.sensitivity,
            mask=one.mask,
            sealed=one.sealed,
            unclassified=one.missing,
        )
        for one in classified(_allowed(info).entities)
        if one.missing or not unclassified_only
    ]


async def _processing(
    info: strawberry.Info[Any, None],
    format: Annotated[str, strawberry.argument(description="`json`, `csv` or `html`.")] = "json",
) -> str:
    crm = _allowed(info)
    if format not in FORMATS:
        raise errors.Invalid.at("format", "UNKNOWN_VALUE", f"Write it as one of {', '.join(FORMATS)}.")
    return FORMATS[format](await record_of_processing(crm))


async def _scan(
    info: strawberry.Info[Any, None],
    text: Annotated[str, strawberry.argument(description="At most 100,000 characters.")],
) -> list[ComplianceFinding]:
    crm = _allowed(info)
    if len(text) > _LONGEST:
        raise errors.Invalid.at("text", "TOO_LONG", f"A text may have {_LONGEST} characters; scan it in parts.")
    found = scan(text, crm.settings[ComplianceSettings].region)
    return [ComplianceFinding(start=f.start, end=f.end, category=f.category, kind=f.kind) for f in found]


def _allowed(info: strawberry.Info[Any, None]) -> Crm:
    actor, crm = info.context.actor, info.context.crm
    if not actor.access.may(REGISTER_READ):
        msg = f"{actor.label} lacks the permission {REGISTER_READ}; ask an administrator for a role that has it."
        raise errors.Forbidden(msg)
    found: Crm = crm
    return found


#: The query `complianceFields`.
compliance_fields: Any = strawberry.field(
    name="complianceFields", resolver=_fields, description="What every column is said to hold of a person."
)

#: The query `complianceRecordOfProcessing`.
compliance_record_of_processing: Any = strawberry.field(
    name="complianceRecordOfProcessing",
    resolver=_processing,
    description="The record of processing activities (GDPR 30, PIPL 55), made from purposes and the live schema.",
)

#: The query `complianceScan`.
compliance_scan: Any = strawberry.field(
    name="complianceScan",
    resolver=_scan,
    description="Addresses, telephone, card, account and identity numbers in a text.",
)
