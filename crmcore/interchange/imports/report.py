"""What an import did: counts by record, and the first refusals in full."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Counts", "Outcome", "RefusedRow", "Report"]

#: What became of one record of one row.
Outcome = Literal["created", "updated", "unchanged"]


@dataclass(slots=True)
class Counts:
    """How often a record of the mapping was created, updated, left as it was, or refused with its row.

    Attributes:

        samples: the first few that were created, as people know them.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    samples: list[str] = field(default_factory=list)

    def add(self, other: Counts, samples: int) -> None:
        """Add another count to this one."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refused += other.refused
        self.samples.extend(other.samples[: max(0, samples - len(self.samples))])


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not imported.

    Attributes:

        line: where it begins in the file, from 1.
        code: the first thing that is wrong, for programs.
        reason: all that is wrong, for people.
        record: which record of the mapping was refused; None when the row could not be read.
    """

    line: int
    code: str
    reason: str
    record: str | None = None


@dataclass(slots=True)
class Report:
    """What an import did, or on a dry run would have done.

    Attributes:

        title: the mapping's.
        dry_run: whether everything was undone at the end.
        rows: rows read.
        refused: rows that were not imported.
        records: counts by the record's name in the mapping, setup included.
        first_refusals: the first refused rows; the error file has all of them.
        unused: columns of the file that the mapping does not read.
        errors_path: the error file, None if no row was refused or none was wanted.
    """

    title: str
    dry_run: bool = False
    rows: int = 0
    refused: int = 0
    records: dict[str, Counts] = field(default_factory=dict)
    first_refusals: list[RefusedRow] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    errors_path: str | None = None

    #: How many refusals and samples are kept.
    KEPT = 10

    def count(self, record: str) -> Counts:
        """Return the counts of a record."""
        return self.records.setdefault(record, Counts())

    def refuse(self, row: RefusedRow) -> None:
        """Note a refused row."""
        self.refused += 1
        if row.record is not None:
            self.count(row.record).refused += 1
        if len(self.first_refusals) < self.KEPT:
            self.first_refusals.append(row)

    def add(self, other: Report) -> None:
        """Add what a batch did, once it is committed."""
        self.rows += other.rows
        self.refused += other.refused
        self.first_refusals.extend(other.first_refusals[: max(0, self.KEPT - len(self.first_refusals))])
        for name, counts in other.records.items():
            self.count(name).add(counts, self.KEPT)
