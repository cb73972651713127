"""Many deliveries to a receiver that fails: does each have its effect once, and in order where that is asked?

`python -m tests.webhooks.storm --messages 10000 [--database postgresql://…]` prints figures; the suite runs a small one.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import msgspec

from crmcore import Crm, Settings
from crmcore.access.actor import Actor
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.webhooks.actions import create_webhook_endpoint
from tests.webhooks.receiver import Message, receiving

__all__ = ["SETTINGS", "Storm"]

#: What fails is tried again at once: the storm is about what comes of failures, not about waiting.
SETTINGS: Mapping[str, Any] = {
    "webhooks": {"allowed_networks": ["127.0.0.0/8"], "plain_http": True, "retry_after": [0.01] * 60}
}

#: Changes under way at once.
_PEOPLE = 8


@dataclass
class Storm:
    """A receiver's side of it.

    Attributes:

        rate: share of messages that fail, half of them after they had their effect.
        effects: how often each message had its effect.
        versions: of each record, in the order of their effects.
        posted: how many messages came.
    """

    rate: float = 0.3
    effects: Counter[str] = field(default_factory=Counter)
    versions: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    posted: int = 0
    _dice: random.Random = field(default_factory=lambda: random.Random(4))

    def answer(self, message: Message) -> int | None:
        """Take a message, or fail."""
        self.posted += 1
        fate = self._dice.random()
        if fate < self.rate / 2:
            return 500
        if message.id not in self.effects:
            self.effects[message.id] += 1
            record = msgspec.json.decode(message.body)["data"]["record"]
            self.versions[record["id"]].append(record["version"])
        # The receiver took the message, and died before it could say so.
        return None if fate < self.rate else 204

    async def rage(self, crm: Crm, url: str, *, records: int, changes: int, ordered: bool) -> float:
        """Change some records some times each and wait until all of it was told; return the seconds it took."""
        await crm.run(Actor.system(), lambda work: self._endpoint(work, url, ordered=ordered))
        async with crm.background:
            started = perf_counter()
            people = asyncio.Semaphore(_PEOPLE)
            await asyncio.gather(*(self._record(crm, people, changes) for _ in range(records)))
            while len(self.effects) < records * changes or await _waiting(crm):  # noqa: ASYNC110 - it stands in the database
                await asyncio.sleep(0.02)
        return perf_counter() - started

    def check(self, *, records: int, changes: int, ordered: bool) -> None:
        """Demand that each change had its effect once, and in order if asked."""
        assert records * changes == len(self.effects)
        assert {1} == set(self.effects.values())
        expected = list(range(1, changes + 1))
        for versions in self.versions.values():
            assert expected == (versions if ordered else sorted(versions))

    @staticmethod
    async def _endpoint(work: Work, url: str, *, ordered: bool) -> None:
        (role,) = await work.find("role", key="admin")
        await create_webhook_endpoint(work, url, ["customer.*"], ordered=ordered, at_once=20, role_id=role["id"])

    @staticmethod
    async def _record(crm: Crm, people: asyncio.Semaphore, changes: int) -> None:
        async with people:
            await _changed(crm, changes)


async def _changed(crm: Crm, changes: int) -> None:
    values = {"kind": "PERSON", "display_name": "1"}
    made = await crm.run(Actor.system(), lambda work: actions.create(work, "customer", values))
    for number in range(2, changes + 1):
        change = {"display_name": str(number)}
        await crm.run(Actor.system(), lambda work, c=change: actions.update(work, "customer", made["id"], c))


async def _waiting(crm: Crm) -> bool:
    return (
        await crm.database.fetch_value("select 1 from crm_webhook_delivery where state = 'WAITING' limit 1") is not None
    )


async def _main(url: str, messages: int, changes: int) -> None:
    for ordered in (True, False):
        crm, storm = Crm(Settings(database=url, plugins=SETTINGS), installed=False), Storm()
        await crm.start(migrate="always")
        async with receiving() as receiver:
            receiver.answer = storm.answer
            seconds = await storm.rage(crm, receiver.url, records=messages // changes, changes=changes, ordered=ordered)
        await crm.run(Actor.system(), _switch_off)
        await crm.stop()
        storm.check(records=messages // changes, changes=changes, ordered=ordered)
        how = "in order" if ordered else "in any order"
        print(f"{len(storm.effects)} messages {how}, {storm.posted} posted, {seconds:.1f} s with making them")  # noqa: T201 - a script


async def _switch_off(work: Work) -> None:
    for row in await work.find("webhook_endpoint"):
        await actions.update(work, "webhook_endpoint", row["id"], {"enabled": False})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=10, help="of each record")
    parser.add_argument("--database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_main(given.database or f"sqlite:///{folder}/crm.db", given.messages, given.changes))
