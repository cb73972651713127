"""Import some rows in one unit of work: each row alone succeeds, is refused, or waits for a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmcore.database import ids
from crmcore.entities.store import Row as Record
from crmcore.entities.work import Work
from crmcore.errors import Invalid, Refusal, Unavailable, Violation
from crmcore.interchange.imports.current import Current
from crmcore.interchange.imports.fields import Unresolved
from crmcore.interchange.imports.links import Links
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
        """Import rows, each in a savepoint.

        Args:

            work: the unit of work.
            rows: the rows.
            patient: whether a row that names records which are not there may wait for later rows.
        """
        batch = Batch(Report(self._title))
        for row in rows:
            if isinstance(row, BadRow):
                _refuse(batch, row.line, row.cells, None, Invalid.at("row", row.code, row.reason))
            else:
                await self._row(work, row, batch, patient=patient)
        batch.report.rows = len(rows) - len(batch.waiting)
        return batch

    async def _row(self, work: Work, row: Row, batch: Batch, *, patient: bool) -> None:
        counts: dict[str, Counts] = {}
        written = dict(self._there)
        label = None
        try:
            async with work.savepoint():
                current = Current(work, self._columns(row), written)
                for plan in self._plan.records:
                    label = plan.record.label
                    if self._records.applies(plan, current):
                        await self._write(plan, current, written, counts)
        except Unavailable:
            raise
        except Refusal as refusal:
            self.links.forget()
            if patient and isinstance(refusal, Unresolved) and refusal.entities <= self._plan.written:
                batch.waiting.append(row)
            else:
                _refuse(batch, row.line, row.cells, label, refusal)
        except Exception as bug:
            bug.add_note(f"while importing line {row.line}")
            raise
        else:
            self.links.keep()
            for name, count in counts.items():
                batch.report.count(name).add(count, Report.KEPT)

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
        columns: dict[str, Any] = dict(zip(self._plan.header, row.cells, strict=True))
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
