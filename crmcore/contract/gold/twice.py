"""Does it matter when a job is done twice?"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, get_type_hints
from unittest.mock import patch
from uuid import UUID

from crmcore import clock
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.standing import rows_of
from crmcore.contract.trying.telling import about, made_up
from crmcore.contract.trying.tried import tried
from crmcore.database import ids
from crmcore.entities.work import Work
from crmcore.events import After
from crmcore.jobs.job import Job
from crmcore.jobs.run import Run
from crmcore.plugins.plugin import failure
from crmcore.testing import TestCrm

__all__ = ["what_is_done_twice_changes_nothing_more"]

_FIX = (
    "Ask first whether it was done: by a unique key made of event.id or run.id; or end the job in the transaction that has "
    "the effect, by run.finish(…)."
)


@rule(Tier.GOLD)
async def what_is_done_twice_changes_nothing_more(subject: Subject) -> AsyncIterator[Shortfall]:
    """A process can die after the effect of a job and before the note that it is done; then the job is done again. Customers
    who get two letters for one order do not care why.

    Each after-handler is told of an event, each job is done with made-up arguments, and then the same again with the same
    `run.id`: no row of the database may differ by it, its stamps left out. What goes to other services is not let through.
    """
    unsure = []
    for name in _names(subject):
        async with tried(subject, subject.dialects[0]) as crm:
            twice = _Twice(crm, name)
            with patch.dict(crm.routines._routines, {name: twice.routine}):
                try:
                    await _cause(crm, subject.name, name)
                except Unverified as why:
                    unsure.append(str(why))
                    continue
            if twice.failed_first is not None:
                unsure.append(f"{name} fails when it is only tried: {twice.failed_first}.")
            for difference in twice.differences:
                yield Shortfall(f"{name}, done twice, {difference}.", _FIX)
    if unsure:
        msg = " ".join(unsure)
        raise Unverified(msg)


def _names(subject: Subject) -> list[str]:
    declared = subject.crm.declared
    handlers = [h.name for h in declared.handlers if isinstance(h, After) and h.plugin == subject.name]
    return list(dict.fromkeys([*handlers, *(j.name for j in declared.jobs if j.plugin == subject.name)]))


class _Twice:
    """Does a job twice in one attempt and compares."""

    def __init__(self, crm: TestCrm, name: str) -> None:
        self._crm, self._routine = crm, crm.routines[name]
        self.routine = replace(self._routine, call=self._call)
        self.differences: list[str] = []
        self.failed_first: str | None = None

    async def _call(self, run: Run) -> None:
        try:
            await self._routine.call(run)
        except Exception as error:
            self.failed_first = failure(error)
            return
        if run.finished:
            return  # its effect and its end were one transaction
        before = await rows_of(self._crm.database)
        try:
            await self._routine.call(run)
        except Exception as error:
            self.differences.append(f"fails the second time: {failure(error)}")
        self.differences += _differences(before, await rows_of(self._crm.database))


def _differences(before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]]) -> list[str]:
    found = []
    for table, rows in after.items():
        more = rows.total() - before[table].total()
        if more:
            found.append(f"leaves {abs(more)} {'more' if more > 0 else 'fewer'} in {table}")
        elif rows != before[table]:
            found.append(f"leaves other values in {table}")
    return found


async def _cause(crm: TestCrm, plugin: str, name: str) -> None:
    """Have a job done."""
    records = Records(crm, plugin)
    handler = crm.handlers.after.get(name)
    if handler is not None:
        entity = await about(records, handler.event)
        kind = handler.event

        async def unit(work: Work) -> None:
            work.events.clear()
            await work.emit(await made_up(work, records, kind, entity))

        await crm.work_off(failed=True)
        await crm.run(await crm.actor(None), unit)
    else:
        job = crm.routines.jobs[name]
        await crm.put(job(**await _arguments(records, job)))
    await crm.work_off(failed=True)


async def _arguments(records: Records, job: Job[Any]) -> dict[str, Any]:
    hints = get_type_hints(job.function)
    _, *parameters = inspect.signature(job.function).parameters.values()
    found = {}
    for parameter in parameters:
        if parameter.default is parameter.empty:
            found[parameter.name] = await _argument(records, job, parameter.name, hints.get(parameter.name))
    return found


async def _argument(records: Records, job: Job[Any], name: str, hint: Any) -> Any:
    if hint is UUID:
        entity = name.removesuffix("_id")
        return (await records.row(entity))["id"] if entity in records.crm.entities else ids.new()
    examples: dict[Any, Any] = {
        str: "a text",
        int: 1,
        float: 1.0,
        bool: True,
        datetime: clock.now(),
        date: clock.now().date(),
    }
    if hint not in examples:
        msg = f"The job {job.name} cannot be tried: nothing is known of its argument {name}: {hint}."
        raise Unverified(msg)
    return examples[hint]
