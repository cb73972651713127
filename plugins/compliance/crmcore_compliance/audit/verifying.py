"""Looking at the log as it stands in the database: entries, tree, heads, witnesses, and the change feed it tells of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

from crmcore import Database
from crmcore_compliance.audit.comparing import differences
from crmcore_compliance.audit.exporting import exported
from crmcore_compliance.audit.heads import Head, latest
from crmcore_compliance.audit.offline import Heads, LogCheck, Wrong
from crmcore_compliance.audit.state import read_state
from crmcore_compliance.audit.tiles import hashes_of
from crmcore_compliance.audit.witness import seen_by
from crmcore_compliance.settings import ComplianceSettings

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["problems"]


async def problems(crm: Crm, keys: Sequence[str] = ()) -> AsyncIterator[str]:
    """Give what is wrong with the log, a sentence each; people can go on working.

    Args:

        crm: whose log.
        keys: public keys (base64) that are trusted; without any, those that the heads name.
    """
    database = crm.database
    if (head := await latest(database)) is not None:
        async for problem in _tiles(database, head):
            yield problem
    size = (await read_state(database)).size
    if size != (0 if head is None else head.size):
        yield f"The log has come to {size} entries, and its last head says {0 if head is None else head.size}."
    async for problem in _signed(crm, keys):
        yield problem
    async for problem in differences(database):
        yield problem


async def _signed(crm: Crm, keys: Sequence[str]) -> AsyncIterator[str]:
    """Check what the offline verifier does, by itself and beside what each witness has seen."""
    checks, empty = {"The log": LogCheck(Heads(keys))}, True
    for place in crm.settings[ComplianceSettings].audit_witness:
        if place.startswith("file:"):
            try:
                seen = [json.dumps(head).encode() for head in seen_by(place)]
            except (OSError, ValueError) as problem:
                yield f"The witness {place} cannot be asked: {problem}"
            else:
                checks |= {f"The witness {place}": LogCheck(Heads(keys), seen)} if seen else {}
    async for line in exported(crm.database):
        empty = False
        for name, check in list(checks.items()):
            if wrong := _wrong(lambda check=check, line=line: check.see(line.encode())):  # type: ignore[misc]
                yield f"{name}: {wrong}"
                del checks[name]
    for name, check in checks.items():
        # A log that has not begun is no problem, unless a witness saw one.
        if (not empty or name != "The log") and (wrong := _wrong(check.end)):
            yield f"{name}: {wrong}"


def _wrong(step: Callable[[], None]) -> str | None:
    try:
        step()
    except (Wrong, KeyError, ValueError) as problem:
        return str(problem)
    return None


async def _tiles(database: Database, head: Head) -> AsyncIterator[str]:
    try:
        (root,) = await hashes_of(database, [(0, head.size)])
    except LookupError as problem:
        yield str(problem)
    else:
        if root != head.root:
            yield "The hashes that are kept for proofs are not those of the last head."
