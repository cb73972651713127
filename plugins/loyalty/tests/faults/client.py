"""A client that moves points: every intent is written down first, and asked until it is known what became of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from faults.hand import Hand
from faults.kinds import KINDS
from tests.faults.client import NeverAnswered
from tests.faults.http import Caller, Lost
from tests.faults.journal import Answer, Entry, Intent, Journal

__all__ = ["Client", "Times"]

#: Codes that say nothing about what became of the request.
_TRANSIENT = frozenset({"UNAVAILABLE", "RATE_LIMITED", "UNAUTHENTICATED"})
#: Seconds after which an intent counts as never answered: far longer than any fault lasts.
_PATIENCE = 120.0
#: So many times a bug of the server is asked for the same; then it is the answer.
_BUGS = 4
#: Of a hundred intents, how many are delivered twice at once, and after how many an old one is asked again.
_TWICE, _AGAIN = 5, 12


@dataclass
class Times:
    """When an intent was sent first, and when its outcome was known: by our own clock, which goes right."""

    sent: float
    known: float | None = None


@dataclass
class Client:
    """One of several clients.

    Args:

        name: begins its keys.
        hand: what it has.
        journal: where intents go.
        times: of intents, by key.
        callers: its connections, one to each server.
        think: seconds between two intents, on average.

    Attributes:

        lost: how many answers never came.
        again: how many old intents were asked again.
    """

    name: str
    hand: Hand
    journal: Journal
    times: dict[str, Times]
    callers: Sequence[Caller]
    think: float
    lost: int = 0
    again: int = 0
    _settled: list[Entry] = field(default_factory=list)
    _bugs: Counter[str] = field(default_factory=Counter)

    async def work(self, over: asyncio.Event) -> None:
        """Have one intent after the other, until it is over."""
        names = list(KINDS)
        weights = [KINDS[name].weight for name in names]
        try:
            while not over.is_set():
                entry = await self.do(self.hand.random.choices(names, weights)[0])
                if entry is not None:
                    self._settled.append(entry)
                if self._settled and self.hand.random.randrange(100) < _AGAIN:
                    self.again += 1
                    old = self.hand.random.choice(self._settled[-200:])
                    self.journal.learn(old, await self._settle(old, self.hand.random.choice(self.callers)))
                await asyncio.sleep(self.hand.random.expovariate(1 / self.think))
        finally:
            for caller in self.callers:
                caller.close()

    async def do(self, kind: str) -> Entry | None:
        """Have one intent of a kind and learn what became of it; None if there is nothing to do of that kind now."""
        made = KINDS[kind].make(self.hand)
        if made is None:
            return None
        key = f"{self.name}-{len(self.journal.entries)}"
        intent = Intent(key, kind, KINDS[kind].text, dict(made))
        entry = self.journal.mean(intent)
        times = self.times[key] = Times(monotonic())
        first = self.hand.random.randrange(len(self.callers))
        both = (first, (first + 1) % len(self.callers))
        chosen = both if self.hand.random.randrange(100) < _TWICE else both[:1]
        answers = await asyncio.gather(*(self._settle(entry, self.callers[n]) for n in chosen))
        times.known = monotonic()
        for answer in answers:
            self.journal.learn(entry, answer)
        if entry.answer is not None and entry.answer.code is None:
            KINDS[kind].learn(self.hand, intent, entry.answer)
        return entry

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
            if error.get("extensions", {}).get("code") not in _TRANSIENT:
                self.journal.incidents.append((entry.intent.key, str(error)))
                self._bugs[entry.intent.key] += 1
                if self._bugs[entry.intent.key] == _BUGS:
                    return Answer(code="INTERNAL")
        it = (said.get("data") or {}).get("it")
        if it is None or it.get("code") in _TRANSIENT:
            return None
        if "code" not in it:
            return Answer(ids=(it["id"],))
        if it["code"] != "DECLINED":
            return Answer(code=it["code"])
        return Answer(code=f"DECLINED {','.join(sorted(v['code'] for v in it['violations']))}")
