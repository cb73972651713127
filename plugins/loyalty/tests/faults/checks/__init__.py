"""What has to be true after a run; each check says what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from faults.checks import answers, movements, order
from faults.client import Times
from faults.evidence import Evidence
from tests.faults.journal import Journal

__all__ = ["violations"]


def violations(journal: Journal, times: Mapping[str, Times], evidence: Evidence) -> Iterator[str]:
    """Give everything in which the ledger differs from what clients meant and were told; its own invariants are apart."""
    yield from answers.check(journal, evidence)
    yield from movements.check(journal, evidence)
    yield from order.check(journal, times, evidence)
