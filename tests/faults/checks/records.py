"""Every acknowledged change is there once, whole; nothing of a refused one is; nothing that nobody meant is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.evidence import Evidence, Row
from tests.faults.http import bare
from tests.faults.journal import Entry, Journal
from tests.faults.kinds import KINDS

__all__ = ["check"]

#: Kinds of which each written record is a new one that holds the intent's key, and the column where.
_MADE = {
    "open": "legal_name",
    "many": "legal_name",
    "some": "legal_name",
    "deal": "name",
    "tag": "name",
    "label": "name",
}
_ENTITY = {"open": "customer", "many": "customer", "some": "customer", "deal": "deal", "tag": "tag", "label": "tag"}


def check(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """Compare the tables with the journal."""
    yield from _made(journal, evidence)
    yield from _events(journal, evidence)
    yield from _money(journal, evidence)
    yield from _stays(evidence)


def _made(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """New records: as many as acknowledged, with the ids that were acknowledged, and none without an intent."""
    there = {
        entity: {id: _maker(entity, row) for id, row in evidence.records[entity].items()}
        for entity in set(_ENTITY.values())
    }
    gone = {event["record_id"] for event in evidence.events if event["type"] == "customer.destroyed"}
    counts = {entity: Counter(keys.values()) for entity, keys in there.items()}
    for entry in journal.done(*_MADE):
        entity, key = _ENTITY[entry.intent.kind], entry.intent.key
        ids = [bare(id) for id in entry.answer.ids if id] if entry.answer else []
        for id in ids:
            if id not in gone and there[entity].get(id) != key:
                yield f"{key}: {entity} {id} was acknowledged and is not there as it was meant"
        expected = len([id for id in ids if id not in gone])
        if counts[entity].pop(key, 0) != expected:
            yield f"{key}: {expected} of {entity} were acknowledged, not as many are there"
    for entity, rest in counts.items():
        for key in rest:
            if key in journal.entries:
                yield f"{key}: {entity} is there, although the intent was refused"


def _events(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """Each intent has left the events it has to leave, and no other."""
    for key, entry in journal.entries.items():
        found = Counter(event["type"] for event in evidence.by_key.get(key, ()))
        if found != (expected := _expected(entry)):
            yield f"{key}: {entry.intent.kind} has the events {dict(found)} instead of {dict(expected)}"
    for key in evidence.by_key:
        if key is not None and key not in journal.entries:
            yield f"{key}: has events, and nobody had such an intent"


def _expected(entry: Entry) -> Counter[str]:
    if entry.answer is None or entry.answer.code is not None:
        return Counter()
    written = sum(id is not None for id in entry.answer.ids)
    return Counter({key: n * written for key, n in Counter(KINDS[entry.intent.kind].events).items()})


def _money(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """No transfer is half there: all accounts together hold nothing, and each what its transfers say."""
    balances: Counter[str] = Counter()
    for entry in journal.done("transfer"):
        given = entry.intent.variables
        balances[bare(given["from"])] -= given["amount"]
        balances[bare(given["to"])] += given["amount"]
    for id, row in evidence.records["faults_account"].items():
        if row["balance"] != balances[id]:
            yield f"account {id} holds {row['balance']} instead of {balances[id]}"


def _stays(evidence: Evidence) -> Iterator[str]:
    """The history of each deal is one unbroken way that ends where the deal stands."""
    ways: dict[str, list[Row]] = {}
    for stay in evidence.stays:
        ways.setdefault(stay["deal_id"], []).append(stay)
    moves = Counter(event["record_id"] for event in evidence.events if event["type"] == "deal.moved")
    for id, deal in evidence.records["deal"].items():
        way = ways.get(id, [])
        if len(way) != moves[id] + 1:
            yield f"deal {id} has {len(way)} stays and {moves[id]} moves"
        elif way[-1]["to_stage_id"] != deal["stage_id"] or way[-1]["left_at"] is not None:
            yield f"deal {id} stands in another stage than its history ends in"
        elif any(a["left_at"] != b["entered_at"] or a["to_stage_id"] != b["from_stage_id"] for a, b in pairwise(way)):
            yield f"deal {id} has a history with a gap"


def _maker(entity: str, row: Row) -> str:
    return str(row["legal_name"]).removeprefix("Of ") if entity == "customer" else str(row["name"])
