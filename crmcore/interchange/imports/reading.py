"""One pass through a file: batches of rows, each in a unit of work, and what waits for later rows at the end."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from crmcore.access.actor import Access
from crmcore.entities.registry import Entities
from crmcore.entities.work import Work
from crmcore.interchange.imports.batch import Batch, Importer
from crmcore.interchange.imports.binding import bind
from crmcore.interchange.imports.load import Loaded
from crmcore.interchange.imports.refusals import ErrorFile
from crmcore.interchange.imports.report import Report
from crmcore.interchange.imports.rows import BadRow, Row, Rows, open_text
from crmcore.interchange.imports.spool import Spool
from crmcore.interchange.imports.tables import read_tables

__all__ = ["ROWS_PER_TRANSACTION", "Progress", "Reading", "Run", "Unit"]

#: Rows that are committed together; an import that is cut short keeps what it committed.
ROWS_PER_TRANSACTION = 500

#: Called with the bytes of the file read so far, and the file's size.
Progress = Callable[[int, int], None]
#: Some of the import, given a unit of work.
Unit = Callable[[Work], Awaitable[Batch]]
#: Gives a unit its unit of work, and commits it or does not.
Run = Callable[[Unit], Awaitable[Batch]]


class Reading:
    """Reads one file once.

    Args:

        entities: this CRM's.
        access: what the actor may do.
        loaded: the mapping.
        source: the CSV file.
        errors: where refused rows go, if anywhere.
        progress: is told how far it is.
    """

    def __init__(
        self,
        entities: Entities,
        access: Access,
        loaded: Loaded,
        source: Path,
        errors: Path | None,
        progress: Progress | None,
    ) -> None:
        self._entities, self._access, self._loaded = entities, access, loaded
        self._source, self._errors, self._progress = source, errors, progress
        self._report = Report(loaded.mapping.title)

    async def read(self, run: Run) -> Report:
        """Import the file; everything that touches the database happens in `run`."""
        written = self._loaded.mapping.csv
        with open_text(self._source, written) as text:
            rows = Rows(text, written)
            plan = bind(self._loaded, self._entities, rows.header, self._access)
            self._report.unused = plan.unused
            importer = Importer(plan, read_tables(self._loaded, self._source.parent), self._loaded.mapping.title)
            with ErrorFile(self._errors, written, rows.header) as errors, ExitStack() as spools:
                self._report.add((await _retriable(run, importer, importer.setup)).report)
                size = os.fstat(text.fileno()).st_size
                one = _Pass(run, importer, self._report, errors, spools)
                waiting = await one(rows, after=lambda: self._tell(os.lseek(text.fileno(), 0, os.SEEK_CUR), size))
                await _rest(one, waiting)
        return self._report

    def _tell(self, done: int, size: int) -> None:
        if self._progress is not None:
            self._progress(done, size)


@dataclass(frozen=True, slots=True)
class _Pass:
    """What each pass over rows needs."""

    run: Run
    importer: Importer
    report: Report
    errors: ErrorFile
    spools: ExitStack

    async def __call__(
        self, rows: Iterable[Row | BadRow], *, patient: bool = True, after: Callable[[], None] = lambda: None
    ) -> Spool:
        """Import rows in batches and return those that wait."""
        waiting, left = self.spools.enter_context(Spool()), iter(rows)
        while some := list(islice(left, ROWS_PER_TRANSACTION)):
            unit = partial(self.importer.rows, rows=some, patient=patient)
            batch = await _retriable(self.run, self.importer, unit)
            self.report.add(batch.report)
            self.errors.write(batch.refused)
            waiting.add(batch.waiting)
            after()
        return waiting


async def _rest(one: _Pass, waiting: Spool) -> None:
    # Rows that waited are tried again for as long as that brings any of them in; then they are refused.
    patient = True
    while waiting.count:
        still = await one(waiting, patient=patient)
        patient, waiting = still.count < waiting.count, still


async def _retriable(run: Run, importer: Importer, unit: Unit) -> Batch:
    attempts = 0

    async def attempt(work: Work) -> Batch:
        nonlocal attempts
        attempts += 1
        if attempts > 1:
            # The transaction was undone and runs again: ids that were found in it may be gone.
            importer.links.forget(everything=True)
        return await unit(work)

    return await run(attempt)
