"""What came of a run, and how it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.plan import Plan

__all__ = ["Report", "shown"]

_MOST, _FEW = 30, 3


@dataclass
class Report:
    """What came of a run.

    Attributes:

        plan: what it was to be.
        faults: how often each kind happened.
        counts: figures of all sorts.
        violations: everything that was wrong.
        seconds: how long the load lasted.
    """

    plan: Plan
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0


def shown(report: Report) -> str:
    """Write figures and violations as lines; of a planted defect only what it was found by."""
    plan, count = report.plan, len(report.violations)
    what = f"{plan.dialect}, seed {plan.seed}{f', defect {plan.defect}' if plan.defect else ''}"
    lines = [f"{what}: {report.faults.total()} faults in {report.seconds:.0f} s, {count} violations"]
    if not plan.defect:
        lines += [f"  {number:7}  {name}" for name, number in report.faults.most_common()]
        lines += [f"  {number:7}  {name}" for name, number in report.counts.items()]
    most = _FEW if plan.defect else _MOST
    lines += [f"  violation: {text[:300]}" for text in report.violations[:most]]
    return "\n".join(lines + [f"  ... and {count - most} more"] * (count > most))
