"""Every intent got one answer, the one it had to get, and the same whenever it was asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.faults.evidence import Evidence
from tests.faults.journal import Journal
from tests.faults.kinds import KINDS, REFUSED

__all__ = ["check"]


def check(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """Compare what clients were told with itself, and with the outcomes that are kept."""
    for key, incident in journal.incidents:
        yield f"{key}: the server has a bug: {incident}"
    for key, first, later in journal.contradictions:
        yield f"{key}: was answered {first}, and asked again {later}"
    kept = Counter(row["key"] for row in evidence.keys)
    for key, entry in journal.entries.items():
        if entry.answer is None:
            yield f"{key}: never answered"
        elif entry.answer.code != REFUSED.get(entry.intent.kind):
            yield f"{key}: {entry.intent.kind} was answered {entry.answer}"
        elif entry.answer.code is None and kept[key] != KINDS[entry.intent.kind].keyed:
            yield f"{key}: was done and is kept {kept[key]} times"
    for key in kept - Counter(journal.entries.keys()):
        yield f"{key}: an outcome is kept more than once, or of an intent that nobody had"
