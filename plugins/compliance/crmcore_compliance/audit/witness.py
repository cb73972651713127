"""Heads go to witnesses, who keep them where whoever can write to the database cannot: a file on another mount, a server.

Without a witness nobody can tell a log that was truncated, or written anew as a whole, from the one it was before.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from crmcore import Database, clock, ids
from crmcore_compliance.audit.heads import heads_after
from crmcore_compliance.settings import ComplianceSettings

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["publish", "seen_by"]

logger = logging.getLogger("crmcore_compliance.audit")

#: Heads that are told at once, and seconds that a witness has for that.
_HEADS, _SECONDS = 100, 10
_KNOWN = "select size from compliance_audit_witness where place = $1"
_BEGIN = """
    insert into compliance_audit_witness (id, place, size) values ($1, $2, -1) on conflict (place) do nothing
"""
_TOLD = "update compliance_audit_witness set size = $2, at = $3, failure = null where place = $1 and size < $2"
_FAILED = "update compliance_audit_witness set at = $2, failure = $3 where place = $1"


async def publish(crm: Crm) -> int:
    """Tell each witness of the heads that it does not have; say how many were told. A witness gets each at least once.

    What fails is logged and tried again with the next call; the log goes on without it.
    """
    told = 0
    for place in crm.settings[ComplianceSettings].audit_witness:
        try:
            told += await _publish(crm.database, place)
        except (OSError, URLError, ValueError) as problem:
            logger.warning("The witness %s was not told of the audit log's heads: %s", place, problem)
            await crm.database.execute(_FAILED, place, clock.now(), str(problem)[:500])
    return told


def seen_by(place: str) -> list[dict[str, Any]]:
    """Return the heads that a witness has, if it is a file.

    Raises:

        OSError: the file cannot be read.
        ValueError: it holds something else, or it is no file.
    """
    with open(_path(place), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


async def _publish(database: Database, place: str) -> int:
    size = await database.fetch_value(_KNOWN, place)
    if size is None:
        await database.execute(_BEGIN, ids.new(), place)
        size = -1
    count = 0
    while heads := await heads_after(database, size, _HEADS):
        await asyncio.to_thread(_tell, place, [head.told for head in heads])
        size = heads[-1].size
        await database.execute(_TOLD, place, size, clock.now())
        count += len(heads)
    return count


def _tell(place: str, heads: Sequence[dict[str, Any]]) -> None:
    text = "".join(f"{json.dumps(head, sort_keys=True, separators=(',', ':'))}\n" for head in heads).encode()
    if urlsplit(place).scheme == "file":
        file = os.open(_path(place), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, text)
            os.fsync(file)
        finally:
            os.close(file)
        return
    if urlsplit(place).scheme not in ("http", "https"):
        msg = f"{place} is no witness; give file:///path/heads.jsonl or https://host/path."
        raise ValueError(msg)
    request = Request(place, text, {"content-type": "application/x-ndjson"}, method="POST")  # noqa: S310  checked above
    with urlopen(request, timeout=_SECONDS):  # noqa: S310  checked above
        pass


def _path(place: str) -> str:
    parts = urlsplit(place)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        msg = f"{place} is no file; give file:///path/heads.jsonl."
        raise ValueError(msg)
    return unquote(parts.path)
