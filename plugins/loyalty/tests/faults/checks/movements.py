"""Each transaction moved what its intent meant; and nothing is left that should have expired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from faults.evidence import Evidence
from faults.kinds import KINDS
from tests.faults.http import bare
from tests.faults.journal import Entry, Journal

__all__ = ["check"]


def check(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """Compare entries with intents."""
    for key, entry in journal.entries.items():
        if entry.answer is not None and entry.answer.code is None and KINDS[entry.intent.kind].moves is not None:
            yield from (f"I6 {key}: {entry.intent.kind} {what}" for what in _wrong(entry, evidence))
    for lot in evidence.due:
        yield f"lot {lot['id']} still has {lot['remaining']} whose time has come"


def _wrong(entry: Entry, evidence: Evidence) -> Iterator[str]:
    given, moves = entry.intent.variables, KINDS[entry.intent.kind].moves or {}
    found: Counter[str] = Counter()
    for row in evidence.by_transaction.get(bare(given["id"]), ()):
        found[row["house"] or row["bucket"]] += row["amount"]
        found["MEMBER"] += row["amount"] if row["house"] is None else 0
    for name, times in moves.items():
        if found[name] != times * int(given["points"]):
            yield f"of {given['points']} moved {found[name]} to {name}"
    row = evidence.transactions.get(bare(given["id"]))
    if row is not None and (str(row["points"]), row["member_id"]) != (given["points"], bare(given["member"])):
        yield f"of {given['points']} is said to be of {row['points']}, of member {row['member_id']}"
