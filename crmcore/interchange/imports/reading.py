"""One pass through a file: batches of rows, each in a unit of work, and what waits for later rows at the end."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

from crmcore.access.actor import Access
from crmcore.entities.registry import Entities
from crmcore.entities.work import Work
from crmcore.errors import SetupError
from crmcore.interchange.imports.batch import Batch, Importer
from crmcore.interchange.imports.binding import bind
from crmcore.interchange.imports.load import Loaded
from crmcore.interchange.imports.refusals import ErrorFile
from crmcore.interchange.imports.report import Report
from crmcore.interchange.imports.rows import BadRow, Row, Rows
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
        self, entities: Entities, access: Access, loaded: Loaded, source: Path, errors: Path | None, progress: Progress | None
    ) -> None:
        self._entities, self._access, self._loaded = entities, access, loaded
        self._source, self._errors, self._progress = source, errors, progress
        self._report = Report(loaded.mapping.title)

    async def read(self, run: Run) -> Report:
        """Import the file; everything that touches the database happens in `run`."""
        written = self._loaded.mapping.csv
        try:
            file = self._source.open("rb")
        except OSError as problem:
            raise SetupError("import-file", [f"{self._source} cannot be read: {problem.strerror}."]) from problem
        with file:
            rows = Rows(file, written)
            plan = bind(self._loaded, self._entities, rows.header, self._access)
            self._report.unused = plan.unused
            importer = Importer(plan, read_tables(self._loaded, self._source.parent), self._loaded.mapping.title)
            with ErrorFile(self._errors, written, rows.header) as errors:
                self._report.add((await _retriable(run, importer, importer.setup)).report)
                size = os.fstat(file.fileno()).st_size
                waiting = await self._pass(rows, run, importer, errors, lambda: self._tell(file.tell(), size))
                await self._rest(waiting, run, importer, errors)
        return self._report

    async def _rest(self, waiting: Spool, run: Run, importer: Importer, errors: ErrorFile) -> None:
        # Rows that waited are tried again for as long as that brings any of them in; then they are refused.
        patient = True
        while waiting.count:
            before = waiting
            waiting = await self._pass(before, run, importer, errors, patient=patient)
            patient = waiting.count < before.count
            before.close()
        waiting.close()

    async def _pass(
        self,
        rows: Iterable[Row | BadRow],
        run: Run,
        importer: Importer,
        errors: ErrorFile,
        after: Callable[[], None] = lambda: None,
        *,
        patient: bool = True,
    ) -> Spool:
        waiting, left = Spool(), iter(rows)
        while some := list(islice(left, ROWS_PER_TRANSACTION)):
            batch = await _retriable(run, importer, partial(importer.rows, rows=some, patient=patient))
            self._report.add(batch.report)
            errors.write(batch.refused)
            waiting.add(batch.waiting)
            after()
        return waiting

    def _tell(self, done: int, size: int) -> None:
        if self._progress is not None:
            self._progress(done, size)


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
