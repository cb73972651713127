"""Import some rows in one unit of work: each row alone succeeds, is refused, or waits for a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from crmcore.database import ids
from crmcore.entities.lot import Lot
from crmcore.entities.lots import in_lots
from crmcore.entities.store import Row as Record
from crmcore.entities.work import Work
from crmcore.errors import Invalid, Refusal, Violation
from crmcore.interchange.imports.current import Current
from crmcore.interchange.imports.fields import Unresolved
from crmcore.interchange.imports.foresight import foresee
from crmcore.interchange.imports.links import Links
from crmcore.interchange.imports.mapping import LINE
from crmcore.interchange.imports.plan import Plan, RecordPlan
from crmcore.interchange.imports.records import Records
from crmcore.interchange.imports.report import Counts, RefusedRow, Report
from crmcore.interchange.imports.rows import BadRow, Row
from crmcore.interchange.imports.sources import Refused, Sources
from crmcore.interchange.imports.values import Link

__all__ = ["Batch", "Importer"]


@dataclass(slots=True)
class Batch:
    """What became of some rows.

    Attributes:

        report: counts.
        refused: refused rows with their cells.
        waiting: rows that name records which a later row may bring.
    """

    report: Report
    refused: list[tuple[RefusedRow, list[str]]] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Read:
    """A row whose columns are corrected and added.

    Attributes:

        line: the line it begins on.
        columns: values by column.
        label: the record of the mapping that was written last.
    """

    line: int
    columns: dict[str, Any]
    label: str | None = None


class Importer:
    """Imports rows by a plan; knows neither files nor transactions.

    Args:

        plan: what to do with a row.
        tables: pairs by the table's name.
        title: for reports.
    """

    def __init__(self, plan: Plan, tables: Mapping[str, Mapping[str, str]], title: str) -> None:
        self.links = Links()
        self._plan, self._title = plan, title
        self._sources = Sources(tables)
        self._records = Records(self._sources, self.links)
        self._there: dict[str, Link] = {}

    async def setup(self, work: Work) -> Batch:
        """Write the records that must be there before the first row.

        Raises:

            Refusal: one of them is refused; the message names it.
        """
        batch, there = Batch(Report(self._title)), dict[str, Link]()
        for plan in self._plan.setup:
            try:
                await self._write(plan, Current(work, {}, there), there, batch.report.records)
            except Refusal as refusal:
                msg = f"setup ({plan.record.label}): {refusal.message}"
                raise type(refusal)(msg, refusal.violations) from refusal
        self._there = there
        return batch

    async def rows(self, work: Work, rows: Sequence[Row | BadRow], *, patient: bool) -> Batch:
        """Import rows, each as if alone.

        Args:

            work: the unit of work.
            rows: the rows.
            patient: whether a row that names records which are not there may wait for later rows.
        """
        batch = Batch(Report(self._title))
        read = [self._read(row) for row in rows]
        good = [row for row in read if isinstance(row, _Read)]
        outcomes = await in_lots(
            work, good, partial(self._row, work), ahead=self._ahead, undone=partial(self.links.forget, everything=True)
        )
        came = dict(zip(map(id, good), outcomes, strict=True))
        for row, seen in zip(rows, read, strict=True):
            outcome = came[id(seen)] if isinstance(seen, _Read) else seen
            if isinstance(outcome, Refusal):
                self._refused(batch, row, seen, outcome, patient=patient)
                continue
            for name, count in outcome.items():
                batch.report.count(name).add(count, Report.KEPT)
        batch.report.rows = len(rows) - len(batch.waiting)
        return batch

    async def _row(self, work: Work, row: _Read) -> dict[str, Counts]:
        counts: dict[str, Counts] = {}
        written = dict(self._there)
        current = Current(work, row.columns, written)
        try:
            for plan in self._plan.records:
                row.label = plan.record.label
                if self._records.applies(plan, current):
                    await self._write(plan, current, written, counts)
        except Refusal:
            self.links.forget()
            raise
        except Exception as bug:
            bug.add_note(f"while importing line {row.line}")
            raise
        self.links.keep()
        return counts

    async def _ahead(self, lot: Lot, rows: Sequence[_Read]) -> None:
        await foresee(lot, self._sources, self._plan, [row.columns for row in rows])

    def _refused(
        self, batch: Batch, row: Row | BadRow, seen: _Read | Invalid, refusal: Refusal, *, patient: bool
    ) -> None:
        if (
            isinstance(row, Row)
            and patient
            and isinstance(refusal, Unresolved)
            and refusal.entities <= self._plan.written
        ):
            batch.waiting.append(row)
        else:
            _refuse(batch, row.line, row.cells, seen.label if isinstance(seen, _Read) else None, refusal)

    def _read(self, row: Row | BadRow) -> _Read | Invalid:
        if isinstance(row, BadRow):
            return Invalid.at("row", row.code, row.reason)
        try:
            return _Read(row.line, self._columns(row))
        except Invalid as refusal:
            return refusal

    async def _write(
        self, plan: RecordPlan, current: Current, written: dict[str, Link], counts: dict[str, Counts]
    ) -> None:
        record, outcome = await self._records.write(plan, current)
        written[plan.record.label] = Link(plan.entity.name, record["id"])
        count = counts.setdefault(plan.record.label, Counts())
        setattr(count, outcome, getattr(count, outcome) + 1)
        if outcome == "created" and len(count.samples) < Report.KEPT:
            count.samples.append(_shown(plan, record))

    def _columns(self, row: Row) -> dict[str, Any]:
        columns: dict[str, Any] = {LINE: str(row.line), **dict(zip(self._plan.header, row.cells, strict=True))}
        wrong: list[Violation] = []
        for name, source in self._plan.columns:
            try:
                columns[name] = self._sources.value(source, columns, name=name)
            except Refused as refused:
                columns[name] = None
                wrong.append(Violation(name, refused.code, f"{name}: {refused}"))
        if wrong:
            raise Invalid.of(wrong)
        return columns


def _refuse(batch: Batch, line: int, cells: list[str], record: str | None, refusal: Refusal) -> None:
    code = refusal.violations[0].code if refusal.violations else refusal.code.value
    reason = " ".join(v.message for v in refusal.violations) or refusal.message
    refused = RefusedRow(line, code, reason, record)
    batch.report.refuse(refused)
    batch.refused.append((refused, cells))


def _shown(plan: RecordPlan, record: Record) -> str:
    label = record.get(plan.entity.label) if plan.entity.label is not None else None
    return str(label or ids.encode(plan.entity.name, record["id"]))
