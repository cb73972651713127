"""Plans of erasures and packages in the API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from crmcore import Crm, errors, ids
from crmcore_compliance.keys.documents import canonical
from crmcore_compliance.rights.erasing.planning import plan
from crmcore_compliance.rights.packing.steps import opened
from crmcore_compliance.rights.permissions import REQUESTS

__all__ = ["compliance_erasure_plan", "compliance_package"]


@strawberry.type(description="What becomes of the records of one entity when a person is erased.")
class ComplianceErasureLine:
    plugin: str = strawberry.field(description="Whose records.")
    entity: str = strawberry.field(description="Which.")
    fate: str = strawberry.field(description="DELETED, ANONYMISED or KEPT.")
    rows: int = strawberry.field(description="How many.")
    because: str = strawberry.field(description="Why.")


@strawberry.type(description="What erasing a person would do.")
class ComplianceErasurePlan:
    lines: list[ComplianceErasureLine] = strawberry.field(description="By entity.")
    unclassified: list[str] = strawberry.field(
        description="Columns of which nobody has said whether they are personal; they would stand as they are."
    )
    hold: str | None = strawberry.field(description="The legal hold that stands in the way; null if none does.")


@strawberry.type(description="A file of a package.")
class CompliancePackageFile:
    name: str = strawberry.field(description="As in data.json.")
    content: str = strawberry.field(description="The text.")


@strawberry.type(description="What was gathered for somebody who asked what is held of them.")
class CompliancePackageContent:
    manifest: str = strawberry.field(description="Names, sizes and digests of the files, signed: JSON.")
    files: list[CompliancePackageFile] = strawberry.field(description="data.json, schema.json and index.html.")


async def _erasure_plan(
    info: strawberry.Info[Any, None],
    customer_id: Annotated[strawberry.ID, strawberry.argument(description="Whom.")],
    delete: Annotated[bool, strawberry.argument(description="Whether records may go; else they are emptied.")] = True,
) -> ComplianceErasurePlan:
    crm = _allowed(info)
    found = await plan(crm, ids.parse(customer_id, "customer"), delete=delete)
    lines = [ComplianceErasureLine(**asdict(line)) for line in found.lines]
    return ComplianceErasurePlan(lines=lines, unclassified=list(found.unclassified), hold=found.hold)


async def _package(
    info: strawberry.Info[Any, None],
    request_id: Annotated[strawberry.ID, strawberry.argument(description="Of which request.")],
) -> CompliancePackageContent:
    files, manifest = await opened(_allowed(info), ids.parse(request_id, "compliance_request"))
    shown = [CompliancePackageFile(name=name, content=text) for name, text in files.items()]
    return CompliancePackageContent(manifest=canonical(manifest).decode(), files=shown)


def _allowed(info: strawberry.Info[Any, None]) -> Crm:
    if not info.context.actor.access.may(REQUESTS):
        msg = (
            f"{info.context.actor.label} lacks the permission {REQUESTS}; ask an administrator for a role that has it."
        )
        raise errors.Forbidden(msg)
    crm: Crm = info.context.crm
    return crm


compliance_erasure_plan = strawberry.field(
    _erasure_plan,
    name="complianceErasurePlan",
    description="What erasing a customer would do, found out by doing it and undoing it.",
)
compliance_package = strawberry.field(
    _package,
    name="compliancePackage",
    description="What was gathered for somebody who asked what is held of them; it is removed some weeks later.",
)
