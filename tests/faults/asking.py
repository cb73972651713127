"""A client that means each change once: it writes its intent down, and asks until it knows what became of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from tests.faults.http import Caller, Lost
from tests.faults.journal import Answer, Entry, Intent, Journal

__all__ = ["Asking", "NeverAnswered"]

#: Codes that say nothing about what became of the request.
_TRANSIENT = frozenset({"UNAVAILABLE", "RATE_LIMITED", "UNAUTHENTICATED"})
#: Seconds after which an intent counts as never answered: far longer than any fault lasts.
_PATIENCE = 120.0
#: So many times a bug of the server is asked for the same; then it is the answer.
_BUGS = 4
#: After so many of a hundred intents an old one is asked again.
_AGAIN = 20


class NeverAnswered(Exception):
    """An intent got no definite answer, whatever the client did."""


class _Chosen(Protocol):
    @property
    def weight(self) -> int: ...


class _Chance(Protocol):
    random: Random


H = TypeVar("H", bound=_Chance)


@dataclass
class Asking(Generic[H]):
    """What clients of all fault tests do; what one of them means is its own `do`.

    Args:

        name: begins its keys.
        hand: what it has, chance among it.
        journal: where intents go.
        callers: its connections, one to each server.
        think: seconds between two intents, on average.
        kinds: of intents, by name, with how often each is chosen.

    Attributes:

        lost: how many answers never came.
        again: how many old intents were asked again.
        settled: the intents it knows the outcome of.
    """

    name: str
    hand: H
    journal: Journal
    callers: Sequence[Caller]
    think: float
    kinds: Mapping[str, _Chosen]
    lost: int = 0
    again: int = 0
    settled: list[Entry] = field(default_factory=list)
    _bugs: Counter[str] = field(default_factory=Counter)

    async def work(self, stopping: Callable[[], bool]) -> None:
        """Have one intent after the other, until told to stop."""
        names, weights = list(self.kinds), [kind.weight for kind in self.kinds.values()]
        try:
            while not stopping():
                entry = await self.do(self.hand.random.choices(names, weights)[0])
                if entry is not None:
                    self.settled.append(entry)
                if self.settled and self.hand.random.randrange(100) < _AGAIN:
                    self.again += 1
                    await self.once_more()
                await asyncio.sleep(self.hand.random.expovariate(1 / self.think))
        finally:
            for caller in self.callers:
                caller.close()

    async def do(self, kind: str) -> Entry | None:
        """Have one intent of a kind and learn what became of it; None if there is nothing to do of that kind now."""
        raise NotImplementedError

    async def once_more(self) -> None:
        """Ask again what was answered."""
        entry = self.hand.random.choice(self.settled[-200:])
        self.journal.learn(entry, await self.settle(entry, self.hand.random.choice(self.callers)))

    async def ask(self, intent: Intent, caller: Caller) -> dict[str, Any]:
        """Send an intent once."""
        return await caller.graphql(intent.text, intent.variables)

    def answer(self, it: dict[str, Any]) -> Answer:
        """Return what the root field of an answer says."""
        return Answer(code=it["code"]) if "code" in it else Answer(ids=(it["id"],))

    async def delivered(self, entry: Entry, twice: int) -> list[Answer]:
        """Send an intent until it has an answer; so many of a hundred are sent to two servers at once, and have two."""
        first = self.hand.random.randrange(len(self.callers))
        both = (first, (first + 1) % len(self.callers))
        chosen = dict.fromkeys(both if self.hand.random.randrange(100) < twice else both[:1])
        answers = await asyncio.gather(*(self.settle(entry, self.callers[n]) for n in chosen))
        for answer in answers:
            self.journal.learn(entry, answer)
        return answers

    async def settle(self, entry: Entry, caller: Caller) -> Answer:
        """Send an intent, to one server and the other, until it has an answer."""
        end = monotonic() + _PATIENCE
        at = self.callers.index(caller)
        while monotonic() < end:
            entry.sent += 1
            try:
                said = await self.ask(entry.intent, self.callers[at % len(self.callers)])
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
        return None if it is None or it.get("code") in _TRANSIENT else self.answer(it)
