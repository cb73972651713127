"""Import a CSV file: batches of rows, each in a transaction of its own; a dry run is one transaction that is undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore.access.actor import Actor, ActorType
from crmcore.entities.work import Work
from crmcore.errors import SetupError
from crmcore.interchange.imports.batch import Batch
from crmcore.interchange.imports.load import Loaded, load_mapping
from crmcore.interchange.imports.reading import Progress, Reading, Run, Unit
from crmcore.interchange.imports.report import Report

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["import_csv"]


class _Rehearsed(Exception):
    """Ends the transaction of a dry run, so that it is undone."""


async def import_csv(
    crm: Crm,
    mapping: Loaded | Path | str,
    source: Path | str,
    *,
    actor: Actor,
    dry_run: bool = False,
    errors_path: Path | str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import a CSV file by a mapping.

    Rows go through the same rules as any other door. Running the same import again changes nothing; an import that was
    cut short is resumed by running it again.

    Args:

        crm: a started CRM.
        mapping: a mapping file, or one that `load_mapping` read.
        source: the CSV file.
        actor: who imports: their rights count, and records say that an import of theirs wrote them.
        dry_run: do everything and undo it. It is one transaction: on SQLite nobody else can write meanwhile.
        errors_path: where to write rows that are refused, with the reason; what is there goes.
        progress: is told how far it is.

    Returns:

        what was done, or would have been done.

    Raises:

        SetupError: the mapping makes no sense, or does not fit this CRM or this file: everything in one message.
        Refusal: a record of the mapping's `setup` is refused.
        Unavailable: the database is busy even after retries; batches before this one are kept.
    """
    loaded = mapping if isinstance(mapping, Loaded) else load_mapping(mapping)
    source, errors = Path(source), Path(errors_path) if errors_path is not None else None
    if errors is not None and errors.resolve() == source.resolve():
        raise SetupError("import-file", [f"{source} cannot be read and be the error file at once; name another one."])
    acting = replace(actor, type=ActorType.IMPORT, label=f"{actor.label}, import of {source.name}")

    async def read(run: Run) -> Report:
        return await Reading(crm.entities, acting.access, loaded, source, errors, progress).read(run)

    report = await (_rehearse(crm, acting, read) if dry_run else read(partial(crm.run, acting)))
    report.errors_path = str(errors) if errors is not None and report.refused else None
    return report


async def _rehearse(crm: Crm, actor: Actor, read: Callable[[Run], Awaitable[Report]]) -> Report:
    reports: list[Report] = []

    async def everything(work: Work) -> None:
        async def run(unit: Unit) -> Batch:
            batch = await unit(work)
            work.events.clear()  # nobody will be told of them, and there may be millions
            work.jobs.clear()
            return batch

        reports.append(await read(run))
        raise _Rehearsed

    with suppress(_Rehearsed):
        await crm.run(actor, everything)
    report = reports[-1]
    report.dry_run = True
    return report
