"""Everybody who follows what happens: readers of the feed, subscribers, and the receiver of webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.consumer import Consumer
from tests.faults.http import Caller, bare
from tests.faults.plan import Plan
from tests.faults.receiver import Receiver
from tests.faults.stage import Stage
from tests.faults.subscriber import Subscriber

__all__ = ["Witnesses", "watching"]

_FIRST = "{ changes(first: 1) { pageInfo { endCursor } nodes { id } } }"
_FIRSTPOINT = """
mutation($url: String!, $types: [String!]!, $ordered: Boolean!) {
  createWebhookEndpoint(url: $url, eventTypes: $types, ordered: $ordered) {
    ... on NewWebhookSecret { secret } ... on Problem { message }
  }
}
"""
#: What webhooks are sent for.
WEBHOOK_TYPES = ("customer.*", "deal.moved", "faults_account.updated")


@dataclass
class Witnesses:
    """Who follows.

    Attributes:

        consumers: readers of the feed.
        subscriber: over WebSocket.
        first: the event at which the subscriber begins: it hears of those after it.
        receiver: of webhooks.
    """

    consumers: list[Consumer]
    subscriber: Subscriber
    first: str
    receiver: Receiver

    def lasts(self) -> Mapping[str, str | None]:
        """Return the event each of them heard of last."""
        heard = {c.name: c.seen for c in self.consumers} | {"subscriber": self.subscriber.seen}
        return {name: seen[-1] if seen else None for name, seen in heard.items()}


@asynccontextmanager
async def watching(plan: Plan, stage: Stage) -> AsyncIterator[Witnesses]:
    """Let everybody follow while a block runs."""
    ports = [proxy.port for proxy in stage.target.proxies]
    receiver = Receiver(Random(plan.seed))
    await receiver.start()
    caller = Caller(ports[0], stage.token)
    for name, endpoint in receiver.endpoints.items():
        given = {"url": receiver.url(name), "types": WEBHOOK_TYPES, "ordered": name == "ordered"}
        endpoint.secret = _data(await caller.graphql(_FIRSTPOINT, given))["createWebhookEndpoint"]["secret"]
    page = _data(await caller.graphql(_FIRST))["changes"]
    caller.close()
    witnesses = Witnesses(
        [_consumer("slow consumer", plan, stage, 200, 1.5), _consumer("quick consumer", plan, stage, 50, 0.01)],
        Subscriber(ports, stage.token, page["pageInfo"]["endCursor"]),
        bare(page["nodes"][0]["id"]),
        receiver,
    )
    followers = (*witnesses.consumers, witnesses.subscriber)
    tasks = [asyncio.create_task(follower.follow()) for follower in followers]
    try:
        yield witnesses
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        await receiver.stop()
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome


def _consumer(name: str, plan: Plan, stage: Stage, first: int, pause: float) -> Consumer:
    callers = [Caller(proxy.port, stage.token) for proxy in stage.target.proxies]
    return Consumer(name, callers, first, pause, Random(plan.seed))


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = answer["data"]
    return data
