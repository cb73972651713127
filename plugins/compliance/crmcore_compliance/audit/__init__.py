"""What happened, in a log that nobody can change unnoticed; who looked at sensitive data; what was lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Crm, Part
from crmcore_compliance.audit import asking
from crmcore_compliance.audit.access import asking as looking
from crmcore_compliance.audit.access.alarm import ComplianceHoneytokenTouched
from crmcore_compliance.audit.access.log import AccessLog
from crmcore_compliance.audit.access.permissions import PERMISSIONS
from crmcore_compliance.audit.access.revealing import REVEALING
from crmcore_compliance.audit.breaches import WATCH, ComplianceBreachDue, watch_breaches
from crmcore_compliance.audit.entities import ENTITIES
from crmcore_compliance.audit.entries import note
from crmcore_compliance.audit.exporting import exported
from crmcore_compliance.audit.proofs import Consistency, Inclusion, consistency, inclusion
from crmcore_compliance.audit.retelling import forgotten, retold
from crmcore_compliance.audit.sequencing import sequence, sequence_all
from crmcore_compliance.audit.service import SEQUENCER
from crmcore_compliance.audit.state import read_state
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.access import ComplianceAccessSubject
from crmcore_compliance.tables.audit import (
    ComplianceAuditNote,
    ComplianceAuditRetold,
    ComplianceAuditSalt,
    ComplianceAuditState,
    ComplianceAuditTile,
    ComplianceAuditWitness,
)

if TYPE_CHECKING:
    import click

    from crmcore.events.cursor import Cursor

__all__ = [
    "AUDIT",
    "AccessLog",
    "Consistency",
    "Inclusion",
    "consistency",
    "exported",
    "forgotten",
    "inclusion",
    "note",
    "retold",
    "sequence",
    "sequence_all",
]


async def _open(crm: Crm) -> None:
    compliance, log = compliance_of(crm), AccessLog(crm)
    compliance.attach(log)
    compliance.log = log
    await log.refresh()

    async def needed() -> Cursor:
        return (await read_state(crm.database)).cursor

    # The feed keeps what the log has not told of yet.
    crm.feed.holds.append(needed)


async def _close(crm: Crm) -> None:
    if (log := compliance_of(crm).get(AccessLog)) is not None:
        await log.settle()


def _commands() -> Iterable[click.Command]:
    from crmcore_compliance.audit.commands import audit  # Only the command line needs it.

    return (audit,)


AUDIT = Part(
    permissions=PERMISSIONS,
    entities=ENTITIES,
    tables=(
        ComplianceAccessSubject,
        ComplianceAuditNote,
        ComplianceAuditRetold,
        ComplianceAuditSalt,
        ComplianceAuditState,
        ComplianceAuditTile,
        ComplianceAuditWitness,
    ),
    graphql=(*asking.ASKING, *looking.ASKING, REVEALING),
    events=(ComplianceHoneytokenTouched, ComplianceBreachDue),
    jobs=(watch_breaches, WATCH),
    commands=_commands,
    startup=_open,
    shutdown=_close,
    background=(SEQUENCER,),
)
