"""Each event reached every handler and had its effect once; each job that was put had its effect once; nothing is left over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.evidence import DONE, Evidence
from tests.faults.journal import Journal
from tests.faults.plugin.actions import SLOW

__all__ = ["check"]


def check(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """Compare effects with events and intents."""
    yield from _told(evidence)
    yield from _in_order(evidence)
    yield from _posted(journal, evidence)
    for job in evidence.jobs:
        if job["name"].startswith(("faults.", "webhooks.deliver")) and job["state"] != DONE:
            yield f"job {job['name']} {job['id']} is left over: {job}"


def _told(evidence: Evidence) -> Iterator[str]:
    wanted = {"note": {e["id"] for e in evidence.events}, "follow": set()}
    wanted["follow"] = {e["id"] for e in evidence.events if e["type"].endswith(".updated")}
    had: dict[str, set[str]] = defaultdict(set)
    for effect in evidence.effects:
        had[effect["handler"]].add(effect["event_id"])
    for handler, events in wanted.items():
        yield from (f"event {id} never reached {handler}" for id in sorted(events - had[handler]))
        yield from (f"{handler} was told of event {id}, which nobody committed" for id in sorted(had[handler] - events))


def _in_order(evidence: Evidence) -> Iterator[str]:
    """The ordered handler heard of each record's versions one after the other."""
    heard: dict[str, list[int]] = defaultdict(list)
    for effect in evidence.effects:
        if effect["handler"] == "follow":
            heard[effect["record_id"]].append(int(effect["subject"]))
    for id, versions in heard.items():
        if wrong := [f"{b} after {a}" for a, b in pairwise(versions) if b < a]:
            yield f"record {id}: follow heard of versions {', '.join(wrong)}"


def _posted(journal: Journal, evidence: Evidence) -> Iterator[str]:
    wanted: Counter[tuple[str, str]] = Counter()
    for entry in journal.done("transfer"):
        wanted["post", entry.intent.key] += 1
        wanted["linger", entry.intent.key] += entry.intent.variables["amount"] == SLOW
    had = Counter((row["name"], row["note"]) for row in evidence.postings)
    for (name, key), count in ((had - wanted) + (wanted - had)).items():
        yield f"{key}: {name} had its effect {had[name, key]} times instead of {wanted[name, key]} ({count} off)"
