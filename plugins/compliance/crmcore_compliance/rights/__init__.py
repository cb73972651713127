"""What people may demand: their data, its erasure, and that it is left alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part, extend
from crmcore_compliance.rights import asking, deciding, holding, limiting, receiving, sweeping
from crmcore_compliance.rights.entities import ENTITIES
from crmcore_compliance.rights.events import ComplianceSubjectErased
from crmcore_compliance.rights.limiting import restricted
from crmcore_compliance.rights.permissions import PERMISSIONS
from crmcore_compliance.rights.processing import carry_out
from crmcore_compliance.rights.retention.actions import JOBS, compliance_run_retention
from crmcore_compliance.tables.requests import CompliancePackage

if TYPE_CHECKING:
    import click

__all__ = ["RIGHTS", "restricted"]


def _commands() -> Iterable[click.Command]:
    from crmcore_compliance.rights.commands import COMMANDS  # Only the command line needs them.

    return COMMANDS


RIGHTS = Part(
    permissions=PERMISSIONS,
    entities=ENTITIES,
    tables=(CompliancePackage,),
    actions=(
        receiving.compliance_receive_request,
        receiving.compliance_verify_identity,
        *deciding.ACTIONS,
        *holding.ACTIONS,
        limiting.compliance_lift_restriction,
        compliance_run_retention,
    ),
    graphql=(
        extend("Query", asking.compliance_erasure_plan, since="0.1.0"),
        extend("Query", asking.compliance_package, since="0.1.0"),
    ),
    events=(ComplianceSubjectErased,),
    jobs=(carry_out, *JOBS, *sweeping.JOBS),
    commands=_commands,
)
