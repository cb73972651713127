"""Sealed columns: ciphertext in the tables, blind tokens to find it by, and jobs that seal what was there before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part
from crmcore_compliance.sealing.actions import compliance_pause_sealing, compliance_work_on_field
from crmcore_compliance.sealing.asking import ASKED
from crmcore_compliance.sealing.jobs import JOBS
from crmcore_compliance.sealing.keeping import forget
from crmcore_compliance.sealing.permissions import PERMISSIONS
from crmcore_compliance.sealing.preparing import prepare
from crmcore_compliance.sealing.reading import readable
from crmcore_compliance.sealing.seals import seals_of
from crmcore_compliance.tables.sealing import ComplianceColumn, ComplianceIndex, ComplianceToken, ComplianceUnique

if TYPE_CHECKING:
    import click

__all__ = ["SEALING", "forget", "readable", "seals_of"]


def _commands() -> Iterable[click.Command]:
    from crmcore_compliance.sealing.commands import COMMANDS  # Only the command line needs it.

    return COMMANDS


SEALING = Part(
    permissions=PERMISSIONS,
    tables=(ComplianceColumn, ComplianceIndex, ComplianceToken, ComplianceUnique),
    actions=(compliance_work_on_field, compliance_pause_sealing),
    graphql=ASKED,
    jobs=JOBS,
    commands=_commands,
    startup=prepare,
)
