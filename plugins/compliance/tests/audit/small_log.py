"""A small log without a CRM: entries, heads and an export, signed by a key of the test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crmcore_compliance.audit.heads import Head, signed
from crmcore_compliance.audit.offline import leaf_hash
from crmcore_compliance.audit.tiles import Tail
from crmcore_compliance.crypto.signing import Signer

SIGNER = Signer(1, bytes(range(32)))
AT = datetime(2026, 7, 1, tzinfo=UTC)


@dataclass
class SmallLog:
    """Batches of entries; after each a head."""

    signer: Signer = SIGNER
    log: str = "a log"
    lines: list[str] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    tail: Tail = field(default_factory=lambda: Tail(0))

    def batch(self, *entries: str) -> Head:
        """Append entries and sign."""
        for entry in entries:
            self.tail.add(leaf_hash(entry.encode()))
            self.lines.append(entry)
        previous = self.heads[-1].digest if self.heads else ""
        head = signed(self.signer, self.log, self.tail.size, self.tail.root(), AT, previous)
        self.heads.append(head)
        self.lines.append(json.dumps({"head": head.told}, sort_keys=True, separators=(",", ":")))
        return head

    @property
    def text(self) -> bytes:
        """The export."""
        keys = sorted({head.public for head in self.heads})
        begin = json.dumps({"log": {"id": self.log, "keys": keys, "version": 1}})
        return "".join(f"{line}\n" for line in (begin, *self.lines)).encode()


def small_log() -> SmallLog:
    """Three batches of three, one and two entries."""
    log = SmallLog()
    log.batch('{"a":1}', '{"a":2}', '{"a":3}')
    log.batch('{"a":4}')
    log.batch('{"a":5}', '{"a":6}')
    return log
