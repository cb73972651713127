"""Work on sealed fields as mutations; a job carries it out, `complianceSealingJobs` says how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from crmcore import Work, action, errors
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.jobs import seal_columns
from crmcore_compliance.sealing.permissions import SEALING
from crmcore_compliance.sealing.replacing import add_versions
from crmcore_compliance.sealing.standing import begin, pause, standing_of
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork

__all__ = ["ComplianceSealing", "compliance_pause_sealing", "compliance_work_on_field", "work_on"]

_Field = Annotated[str, "The field, as in customer.familyName."]


@dataclass(frozen=True)
class ComplianceSealing:
    """What is to be done to a field; `complianceSealingJobs` says more."""

    field: Annotated[str, "Its name."]
    state: Annotated[ComplianceColumnState, "How far it is sealed."]
    paused: Annotated[bool, "Whether the work waits."]


@action(returns=ComplianceSealing, permission=SEALING, since="0.1.0")
async def compliance_work_on_field(
    work: Work, field: _Field, task: Annotated[ComplianceWork, "What is to be done to all its values."]
) -> ComplianceSealing:
    """Have something done to all values of a sealed field, in the background; what is at work already goes on."""
    await work_on(work, field, task)
    await work.put(seal_columns(), key="compliance seal")
    standing = await standing_of(work.database, field)
    return ComplianceSealing(standing.shown, standing.state, standing.paused)


@action(returns=ComplianceSealing, permission=SEALING, since="0.1.0")
async def compliance_pause_sealing(
    work: Work, field: _Field, paused: Annotated[bool, "False has it go on."] = True
) -> ComplianceSealing:
    """Have the work on a field wait after the batch at hand, or go on."""
    standing = await pause(work.database, field, paused=paused)
    if not paused:
        await work.put(seal_columns(), key="compliance seal")
    return ComplianceSealing(standing.shown, standing.state, standing.paused)


async def work_on(work: Work, field: str, task: ComplianceWork) -> None:
    """Begin something; a new index gets its version first.

    Raises:

        Invalid: there is no such field.
        Conflict: something else is being done to it, or its state does not allow it.
    """
    was = await standing_of(work.database, field)
    await begin(work.database, field, task)
    if task is ComplianceWork.INDEX and was.work is not ComplianceWork.INDEX:
        seal = work.entities[was.entity].seal
        if not isinstance(seal, EntitySeal) or seal.fields[was.column].normaliser is None:
            msg = (
                f"{was.shown} has no tokens: its values would be told apart by them. See [plugins.compliance] searched."
            )
            raise errors.Invalid.at("field", "NOT_SEARCHED", msg)
        await add_versions(work.database, seal, was.column)
