"""The client of the core's fault test: what it asks again, and what its answers say."""

from __future__ import annotations

from typing import Any

from tests.faults.asking import Asking
from tests.faults.hand import Hand
from tests.faults.http import Caller
from tests.faults.journal import Answer, Entry, Intent
from tests.faults.kinds import KINDS

__all__ = ["Client"]

#: Of a hundred intents, how many are asked twice at once.
_TWICE = 6


class Client(Asking[Hand]):
    """One of several clients."""

    async def do(self, kind: str, variables: dict[str, Any] | None = None) -> Entry | None:
        """See `Asking.do`; variables are made, unless they are given."""
        key = f"{self.name}-{len(self.journal.entries)}"
        made = variables if variables is not None else KINDS[kind].make(self.hand, key)
        if made is None:
            return None
        intent = Intent(key, kind, KINDS[kind].text, {**made, "key": key} if KINDS[kind].keyed else dict(made))
        entry = self.journal.mean(intent)
        await self.delivered(entry, _TWICE)
        KINDS[kind].learn(self.hand, intent, entry.answer or Answer())
        return entry

    async def once_more(self) -> None:
        """Ask again what was answered, often what was refused for a reason that is gone."""
        if self.hand.freed and self.hand.random.random() < 0.7:
            entry = self.journal.entries[self.hand.pick(self.hand.freed)]
        else:
            entry = self.hand.pick(self.settled)
        answer = await self.settle(entry, self.hand.pick(list(self.callers)))
        gone = answer.code == "NOT_FOUND" and self.hand.destroyed.intersection(
            filter(None, entry.answer.ids if entry.answer else ())
        )
        if not gone:
            self.journal.learn(entry, self._without_destroyed(entry, answer))

    async def settle(self, entry: Entry, caller: Caller) -> Answer:
        """See `Asking.settle`."""
        answer = await super().settle(entry, caller)
        if answer.code == "DUPLICATE" and not KINDS[entry.intent.kind].keyed:
            return Answer(ids=(entry.intent.variables["data"]["id"],))
        return answer

    def answer(self, it: dict[str, Any]) -> Answer:
        """See `Asking.answer`; batches have rows."""
        if "results" in it:
            return Answer(ids=tuple(row["record"] and row["record"]["id"] for row in it["results"]))
        return Answer(ids=(it["destroyedId"],)) if "destroyedId" in it else super().answer(it)

    def _without_destroyed(self, entry: Entry, answer: Answer) -> Answer:
        """Put what was destroyed since back into the answer to a batch, which has null in its place."""
        if entry.answer is None or len(entry.answer.ids) != len(answer.ids):
            return answer
        both = zip(entry.answer.ids, answer.ids, strict=True)
        ids = (first if later is None and first in self.hand.destroyed else later for first, later in both)
        return Answer(answer.code, tuple(ids))
