"""What has to be true after a run; each check says what is not."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.checks import answers, attempts, feed, handlers, records, witnesses
from tests.faults.evidence import Evidence
from tests.faults.journal import Journal
from tests.faults.witnesses import Witnesses

__all__ = ["violations"]


def violations(journal: Journal, followers: Witnesses, evidence: Evidence) -> Iterator[str]:
    """Give everything that is wrong."""
    yield from answers.check(journal, evidence)
    yield from records.check(journal, evidence)
    yield from feed.check(evidence)
    yield from handlers.check(journal, evidence)
    yield from attempts.check(evidence)
    yield from witnesses.check(followers, evidence)
