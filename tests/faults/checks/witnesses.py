"""Whoever follows the feed heard of every event, in its order, and of none twice; receivers of webhooks at least once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.faults.evidence import Evidence
from tests.faults.receiver import Endpoint
from tests.faults.witnesses import Witnesses

__all__ = ["check"]

_SENT = ("customer", "faults_account.updated", "deal.moved")


def check(witnesses: Witnesses, evidence: Evidence) -> Iterator[str]:
    """Compare what everybody heard with the feed."""
    feed = [event["id"] for event in evidence.events]
    for consumer in witnesses.consumers:
        yield from _same(consumer.name, consumer.seen, feed)
        yield from (f"{consumer.name} was told {said}" for said in consumer.failures)
    subscriber = witnesses.subscriber
    yield from _same("subscriber", subscriber.seen, feed[feed.index(witnesses.first) + 1 :])
    yield from (f"subscriber was told {said}" for said in subscriber.failures)
    for name, endpoint in witnesses.receiver.endpoints.items():
        yield from _received(f"webhook {name}", endpoint, evidence)
    yield from _in_order(witnesses.receiver.endpoints["ordered"], evidence)
    for delivery in evidence.deliveries:
        if delivery["state"] != "DELIVERED":
            yield f"delivery {delivery['id']} is left over: {dict(delivery)}"


def _same(who: str, seen: Sequence[str], feed: Sequence[str]) -> Iterator[str]:
    if list(seen) == list(feed):
        return
    missed, extra = set(feed) - set(seen), set(seen) - set(feed)
    yield f"{who}: of {len(feed)} events {len(missed)} missed, {len(seen) - len(set(seen))} twice, {len(extra)} unknown"
    if not missed and not extra and len(seen) == len(feed):
        first = next(n for n, (a, b) in enumerate(zip(seen, feed, strict=True)) if a != b)
        yield f"{who}: event {feed[first]} is the first out of order"


def _received(who: str, endpoint: Endpoint, evidence: Evidence) -> Iterator[str]:
    yield from (f"{who}: {said}" for said in endpoint.forged)
    begun = {e["record_id"]: n for n, e in enumerate(evidence.events) if e["type"] == "webhook_endpoint.created"}
    later = evidence.events[max(begun.values(), default=-1) + 1 :]
    sent = {e["id"] for e in later if e["type"] in _SENT or e["entity"] in _SENT}
    yield from (f"{who}: event {id} never came" for id in sorted(sent - endpoint.told.keys()))
    yield from (f"{who}: event {id} came, and nobody committed it" for id in sorted(endpoint.told.keys() - sent))


def _in_order(endpoint: Endpoint, evidence: Evidence) -> Iterator[str]:
    places = {event["id"]: n for n, event in enumerate(evidence.events)}
    heard: dict[str, list[int]] = defaultdict(list)
    for record, message in endpoint.first:
        heard[record].append(places.get(message, -1))
    for record, order in heard.items():
        if order != sorted(order):
            yield f"webhook ordered: messages about {record} came out of order"
