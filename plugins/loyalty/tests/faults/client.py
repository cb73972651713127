"""A client that moves points, by GraphQL or at a desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from faults.hand import Hand
from faults.kinds import KINDS, Kind
from tests.faults.asking import Asking
from tests.faults.http import Caller
from tests.faults.journal import Answer, Entry, Intent

__all__ = ["Client", "Times"]

#: Of a hundred intents, how many are delivered twice at once.
_TWICE = 5


@dataclass
class Times:
    """When an intent was sent first, and when its outcome was known: by our own clock, which goes right."""

    sent: float
    known: float | None = None


@dataclass
class Client(Asking[Hand]):
    """One of several clients.

    Args:

        kinds: what it has intents of.
        times: of intents, by key.
        desk: of a hundred requests that a desk takes, how many it hands in there; all others go by GraphQL, those of the
            same intent too.

    Attributes:

        handed_in: how many requests went to a desk.
    """

    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    times: dict[str, Times] = field(default_factory=dict)
    desk: int = 20
    handed_in: int = 0

    async def do(self, kind: str) -> Entry | None:
        """See `Asking.do`."""
        made = KINDS[kind].make(self.hand)
        if made is None:
            return None
        key = f"{self.name}-{len(self.journal.entries)}"
        intent = Intent(key, kind, KINDS[kind].text, {**made, "actor": self.hand.actor})
        entry = self.journal.mean(intent)
        times = self.times[key] = Times(monotonic())
        await self.delivered(entry, _TWICE)
        times.known = monotonic()
        if entry.answer is not None and entry.answer.code is None:
            KINDS[kind].learn(self.hand, intent, entry.answer)
        return entry

    async def ask(self, intent: Intent, caller: Caller) -> dict[str, Any]:
        """See `Asking.ask`."""
        desk = KINDS[intent.kind].desk
        if desk is None or self.hand.random.randrange(100) >= self.desk:
            return await super().ask(intent, caller)
        self.handed_in += 1
        return await caller.post(f"/plugins/faults/{desk}", intent.variables)

    def answer(self, it: dict[str, Any]) -> Answer:
        """See `Asking.answer`; what was declined says why."""
        if it.get("code") != "DECLINED":
            return super().answer(it)
        return Answer(code=f"DECLINED {','.join(sorted(v['code'] for v in it['violations']))}")
