"""Carrying out a request, step by step: what is done is noted, and a process that dies leaves the rest to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmcore import Actor, Crm, Retry, Row, Run, Work, errors, job
from crmcore_compliance.rights.holds import held
from crmcore_compliance.rights.outcome import At, Step, StepDone
from crmcore_compliance.rights.records import add, alter
from crmcore_compliance.rights.steps import STEPS
from crmcore_compliance.tables.requests import ComplianceRequestKind, ComplianceTaskState
from crmcore_compliance.tables.requests import ComplianceRequestStatus as Status

__all__ = ["ACTOR", "carry_out", "process"]

_REQUEST, _TASK = "compliance_request", "compliance_task"
_GOING_ON = frozenset({Status.APPROVED.name, Status.IN_PROCESSING.name, Status.ON_HOLD.name, Status.ERROR.name})
#: After so many attempts of one step somebody has to look at it.
_ATTEMPTS = 5

#: Reaches every record, those of restricted people too.
ACTOR = Actor.system("compliance")


@job(at_once=1, per="request_id", timeout=3600.0, retries=20)
async def carry_out(run: Run, request_id: UUID) -> None:
    """Carry out a request that was approved; what was interrupted goes on where it was."""
    await process(run.crm, request_id)


async def process(crm: Crm, request_id: UUID) -> Status | None:
    """Carry out a request as far as it goes; return where it stands then, None if there is nothing to do.

    Raises:

        Retry: a step failed, and is to be tried again.
    """
    request = await crm.run(ACTOR, lambda work: _begin(work, request_id))
    if request is None or request["status"] == Status.ON_HOLD.name:
        return None if request is None else Status.ON_HOLD
    results: dict[str, Mapping[str, Any]] = {}
    for step in STEPS[ComplianceRequestKind[request["kind"]]]:
        said = await _step(crm, request, step, results)
        if said is None:
            return Status.ON_HOLD
        results[step.name] = said
    await crm.run(ACTOR, lambda work: _end(work, request_id))
    return Status.COMPLETE


async def _begin(work: Work, request_id: UUID) -> Row | None:
    try:
        request = await _locked(work, request_id)
    except errors.NotFound:
        return None
    if request["status"] not in _GOING_ON:
        return None
    steps = STEPS[ComplianceRequestKind[request["kind"]]]
    if any(step.holdable for step in steps) and not await _begun(work, request, steps):
        customers = [request["customer_id"]] if request["customer_id"] else []
        if await held(work.database, customers, work.now) is not None:
            return await alter(work, _REQUEST, request, {"status": Status.ON_HOLD.name})
    return await alter(work, _REQUEST, request, {"status": Status.IN_PROCESSING.name})


async def _begun(work: Work, request: Row, steps: tuple[Step, ...]) -> bool:
    """Whether what a hold keeps from being done was done already: then the rest must follow."""
    tasks = {task["step"]: task for task in await work.find(_TASK, request_id=request["id"])}
    names = [step.name for step in steps if step.holdable]
    return any(name in tasks and tasks[name]["state"] == ComplianceTaskState.DONE.name for name in names)


async def _step(crm: Crm, request: Row, step: Step, results: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Do a step unless it was done; None if a hold keeps it from being done."""
    try:
        done = StepDone() if step.outside is None else await _outside(crm, request, step, results)
        return await crm.run(ACTOR, lambda work: _note(crm, work, request["id"], step, done, results))
    except _Held:
        await crm.run(ACTOR, lambda work: _hold(work, request["id"]))
        return None
    except Exception as error:
        # Whatever it is: the step is to be tried again, and somebody told in the end. Its text could name a person.
        kind = type(error).__name__
        if await crm.run(ACTOR, lambda work: _failed(work, request["id"], step, kind)):
            raise
        raise Retry(after=60.0) from error


class _Held(Exception):
    """A legal hold was placed meanwhile."""


async def _outside(crm: Crm, request: Row, step: Step, results: Mapping[str, Any]) -> StepDone:
    task = await crm.run(ACTOR, lambda work: _task(work, request["id"], step))
    if task["state"] == ComplianceTaskState.DONE.name:
        return StepDone()
    assert step.outside is not None
    return await step.outside(At(crm, request, results))


async def _note(
    crm: Crm, work: Work, request_id: UUID, step: Step, done: StepDone, results: Mapping[str, Any]
) -> Mapping[str, Any]:
    request, task = await _locked(work, request_id), await _task(work, request_id, step)
    if task["state"] == ComplianceTaskState.DONE.name:
        return dict(task["result"] or {})
    if step.inside is not None:
        customers = [request["customer_id"]] if request["customer_id"] else []
        if step.holdable and await held(work.database, customers, work.now) is not None:
            raise _Held
        done = await step.inside(work, At(crm, request, results))
        # It may have written the request itself.
        request = await _locked(work, request_id)
    await alter(work, _REQUEST, request, dict(done.request))
    written = {"state": ComplianceTaskState.DONE.name, "attempts": task["attempts"] + 1, "rows": done.rows}
    await alter(work, _TASK, task, {**written, "result": dict(done.result), "error": None, "done_at": work.now})
    return done.result


async def _failed(work: Work, request_id: UUID, step: Step, error: str) -> bool:
    """Note that a step failed; say whether somebody has to look at it now."""
    request, task = await _locked(work, request_id), await _task(work, request_id, step)
    attempts = task["attempts"] + 1
    said = {"state": ComplianceTaskState.FAILED.name, "attempts": attempts, "error": f"{step.name}: {error}"}
    await alter(work, _TASK, task, said)
    if attempts % _ATTEMPTS == 0:
        await alter(work, _REQUEST, request, {"status": Status.ERROR.name})
        return True
    return False


async def _hold(work: Work, request_id: UUID) -> None:
    await alter(work, _REQUEST, await _locked(work, request_id), {"status": Status.ON_HOLD.name})


async def _end(work: Work, request_id: UUID) -> None:
    request = await _locked(work, request_id)
    await alter(work, _REQUEST, request, {"status": Status.COMPLETE.name, "completed_at": work.now})


async def _locked(work: Work, request_id: UUID) -> Row:
    return await work.get(_REQUEST, request_id, action="update", deleted=True)


async def _task(work: Work, request_id: UUID, step: Step) -> Row:
    found = await work.find(_TASK, request_id=request_id, step=step.name)
    return found[0] if found else await add(work, _TASK, {"request_id": request_id, "step": step.name})
