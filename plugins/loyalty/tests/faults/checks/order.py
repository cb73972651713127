"""I10: the entries of an account are in an order that agrees with ours: what was answered before another was sent stands before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from faults.client import Times
from faults.evidence import Evidence
from tests.faults.http import bare
from tests.faults.journal import Journal

__all__ = ["check"]


def check(journal: Journal, times: Mapping[str, Times], evidence: Evidence) -> Iterator[str]:
    """Go through each account from its latest entry, and remember what was answered earliest."""
    by_id = {
        bare(e.intent.variables.get("id", "")): key for key, e in journal.entries.items() if e.intent.kind != "reuse"
    }
    own = [entry for entry in evidence.entries if entry["account_id"] is not None]
    for account, entries in groupby(own, key=lambda entry: entry["account_id"]):
        earliest: tuple[float, str] | None = None
        for entry in reversed(list(entries)):
            key = by_id.get(entry["transaction_id"])
            if key is None:
                continue
            if earliest is not None and earliest[0] < times[key].sent:
                yield f"I10 account {account}: {key} stands before {earliest[1]}, which was answered before it was sent"
            known = times[key].known
            if known is not None and (earliest is None or known < earliest[0]):
                earliest = known, key
