"""A client that means each change once: it writes its intent down, and asks until it knows what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from tests.faults.hand import Hand
from tests.faults.http import Caller, Lost
from tests.faults.journal import Answer, Entry, Intent, Journal
from tests.faults.kinds import KINDS

__all__ = ["Client", "NeverAnswered"]

#: Codes that say nothing about what became of the request.
_TRANSIENT = frozenset({"UNAVAILABLE", "RATE_LIMITED", "UNAUTHENTICATED"})
#: Seconds after which an intent counts as never answered: far longer than any fault lasts.
_PATIENCE = 120.0
#: Of a hundred intents, how many are asked twice at once, and after how many an old one is asked again.
_TWICE, _AGAIN = 6, 20


class NeverAnswered(Exception):
    """An intent got no definite answer, whatever the client did."""


@dataclass
class Client:
    """One of several clients.

    Args:

        name: begins its keys.
        hand: what it has.
        journal: where intents go.
        callers: its connections, one to each server.
        think: seconds between two intents, on average.

    Attributes:

        lost: how many answers never came.
        again: how many old intents were asked again.
    """

    name: str
    hand: Hand
    journal: Journal
    callers: Sequence[Caller]
    think: float
    lost: int = 0
    again: int = 0
    _settled: list[Entry] = field(default_factory=list)

    async def work(self, stopping: Callable[[], bool]) -> None:
        """Have one intent after the other, until told to stop."""
        try:
            while not stopping():
                entry = await self.do(self._choose())
                if entry is not None:
                    self._settled.append(entry)
                if self._settled and self.hand.random.randrange(100) < _AGAIN:
                    await self._once_more()
                await asyncio.sleep(self.hand.random.expovariate(1 / self.think))
        finally:
            for caller in self.callers:
                caller.close()

    async def do(self, kind: str, variables: dict[str, Any] | None = None) -> Entry | None:
        """Have one intent of a kind and learn what became of it; None if there is nothing to do of that kind now."""
        key = f"{self.name}-{len(self.journal.entries)}"
        made = variables if variables is not None else KINDS[kind].make(self.hand, key)
        if made is None:
            return None
        intent = Intent(key, kind, KINDS[kind].text, {**made, "key": key})
        entry = self.journal.mean(intent)
        callers = self._callers(twice=self.hand.random.randrange(100) < _TWICE)
        for answer in await asyncio.gather(*(self._settle(entry, caller) for caller in callers)):
            self.journal.learn(entry, answer)
        KINDS[kind].learn(self.hand, intent, entry.answer or Answer())
        return entry

    def _choose(self) -> str:
        names = list(KINDS)
        return self.hand.random.choices(names, [KINDS[name].weight for name in names])[0]

    def _callers(self, *, twice: bool) -> list[Caller]:
        first = self.hand.random.randrange(len(self.callers))
        both = (first, (first + 1) % len(self.callers))
        return [self.callers[n] for n in dict.fromkeys(both if twice else both[:1])]

    async def _once_more(self) -> None:
        """Ask again what was answered, often what was refused for a reason that is gone."""
        if self.hand.freed and self.hand.random.random() < 0.7:
            entry = self.journal.entries[self.hand.pick(self.hand.freed)]
        else:
            entry = self.hand.pick(self._settled)
        answer = await self._settle(entry, self.hand.pick(list(self.callers)))
        self.again += 1
        gone = answer.code == "NOT_FOUND" and self.hand.destroyed.intersection(
            filter(None, entry.answer.ids if entry.answer else ())
        )
        if not gone:
            self.journal.learn(entry, self._without_destroyed(entry, answer))

    def _without_destroyed(self, entry: Entry, answer: Answer) -> Answer:
        """Put what was destroyed since back into the answer to a batch, which has null in its place."""
        if entry.answer is None or len(entry.answer.ids) != len(answer.ids):
            return answer
        both = zip(entry.answer.ids, answer.ids, strict=True)
        ids = (first if later is None and first in self.hand.destroyed else later for first, later in both)
        return Answer(answer.code, tuple(ids))

    async def _settle(self, entry: Entry, caller: Caller) -> Answer:
        end = monotonic() + _PATIENCE
        at = self.callers.index(caller)
        while monotonic() < end:
            entry.sent += 1
            try:
                said = await self.callers[at % len(self.callers)].graphql(entry.intent.text, entry.intent.variables)
            except Lost:
                self.lost += 1
            else:
                if (answer := self._definite(entry, said)) is not None:
                    return answer
            at += 1
            await asyncio.sleep(self.hand.random.uniform(0.02, 0.2))
        msg = f"{entry.intent.key} ({entry.intent.kind}) got no definite answer within {_PATIENCE:g} s."
        raise NeverAnswered(msg)

    def _definite(self, entry: Entry, said: dict[str, Any]) -> Answer | None:
        for error in said.get("errors", ()):
            code = error.get("extensions", {}).get("code")
            if code not in _TRANSIENT:
                self.journal.incidents.append((entry.intent.key, str(error)))
        it = (said.get("data") or {}).get("it")
        if it is None or it.get("code") in _TRANSIENT:
            return None
        return _answer(it)


def _answer(it: dict[str, Any]) -> Answer:
    if "code" in it:
        return Answer(code=it["code"])
    if "results" in it:
        return Answer(ids=tuple(row["record"] and row["record"]["id"] for row in it["results"]))
    return Answer(ids=(it.get("id") or it["destroyedId"],))
