"""I6 and I11: every intent got one answer, the same whenever it was asked again, and just that is in the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from faults.evidence import Evidence, Row
from faults.kinds import KINDS
from tests.faults.http import bare
from tests.faults.journal import Answer, Entry, Journal

__all__ = ["check"]

#: What nobody asks for: time does it.
_BY_TIME = frozenset({"EXPIRY", "ACTIVATION", "RELEASE"})


def check(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """Compare what clients were told with itself and with the transactions."""
    for key, incident in journal.incidents:
        yield f"I11 {key}: the server has a bug: {incident}"
    for key, first, later in journal.contradictions:
        yield f"I6 {key}: was answered {first}, and asked again {later}"
    for job in evidence.dead:
        yield f"I11 the job {job['name']} was given up: {job['error']}"
    meant: Counter[str] = Counter()
    left: dict[str, str] = {}
    for key, entry in journal.entries.items():
        kind = KINDS[entry.intent.kind]
        if entry.answer is None:
            yield f"I6 {key}: never answered"
        elif kind.result == "LoyaltyMember":
            left[bare(entry.intent.variables["member"])] = kind.becomes
            yield from (f"I6 {key}: {entry.intent.kind} {what}" for what in _left(entry, entry.answer, evidence))
        else:
            yield from (f"I6 {key}: {entry.intent.kind} {what}" for what in _wrong(entry, entry.answer, evidence))
            yield from (f"I6 {key}: {entry.intent.kind} {what}" for what in _disowned(entry, evidence))
        meant[bare(entry.intent.variables.get("id", ""))] += entry.intent.kind != "reuse"
    for id, row in evidence.transactions.items():
        if not meant[id] and row["kind"] not in _BY_TIME and left.get(row["member_id"]) != row["kind"]:
            yield f"I6 {id}: {row['kind']} is there, and nobody had such an intent"


def _disowned(entry: Entry, evidence: Evidence) -> Iterator[str]:
    given, row = entry.intent.variables, evidence.transactions.get(bare(entry.intent.variables["id"]))
    # What a desk was handed is the till's, which has no id.
    if row is not None and entry.intent.kind != "reuse" and _actor(row) not in (None, given["actor"]):
        yield f"is said to be of {_actor(row)}, and {given['actor']} asked for it"


def _actor(row: Row) -> str | None:
    said = row["actor"]
    id: str | None = (json.loads(said) if isinstance(said, str) else said)["id"]
    return id


def _left(entry: Entry, answer: Answer, evidence: Evidence) -> Iterator[str]:
    """A member who leaves does so in each currency at once, or not at all."""
    kind, member = KINDS[entry.intent.kind], bare(entry.intent.variables["member"])
    found = Counter(
        row["currency_id"]
        for row in evidence.transactions.values()
        if (row["member_id"], row["kind"], row["status"]) == (member, kind.becomes, "POSTED")
    )
    due = evidence.currencies if answer.code is None else ()
    if answer.code not in (None, kind.code):
        yield f"was refused by {answer.code}"
    if found != Counter(due):
        yield f"was answered {answer}, and has {dict(found)}"


def _wrong(entry: Entry, answer: Answer, evidence: Evidence) -> Iterator[str]:
    kind, id = KINDS[entry.intent.kind], bare(entry.intent.variables["id"])
    row = evidence.transactions.get(id)
    if kind.code is not None:
        if answer.code != kind.code:
            yield f"was answered {answer} instead of {kind.code}"
        return
    if answer.code is None:
        if bare(str(answer.ids[0])) != id:
            yield f"was answered with transaction {answer.ids[0]} instead of {id}"
        if row is None:
            yield f"was acknowledged, and transaction {id} is not there"
        elif (row["status"], row["kind"]) != ("POSTED", kind.becomes):
            yield f"was acknowledged, and is a {row['kind']} that is {row['status']}"
        return
    declined, _, reason = answer.code.partition(" ")
    if declined != "DECLINED" or reason not in kind.declined:
        yield f"was refused by {answer.code}"
    elif row is None:
        yield f"was declined ({reason}), and that is not kept"
    elif (row["status"], row["reason_code"]) != ("DECLINED", reason):
        yield f"was declined ({reason}), and is {row['status']} ({row['reason_code']})"
