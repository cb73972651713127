"""Events of some time, sent again; and a test that is about nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmcore import clock, ids, instants
from crmcore.entities import actions
from tests.webhooks.conftest import Hooks

REPLAY = """
mutation($id: ID!, $since: DateTime!, $until: DateTime, $all: Boolean! = false) {
  replayWebhookEvents(id: $id, since: $since, until: $until, deliveredToo: $all) {
    ... on WebhookReplay { job endpoint { id } } ... on Problem { code violations { path code } }
  }
}
"""
TEST = """
mutation($id: ID!) { testWebhookEndpoint(id: $id) { ... on WebhookDelivery { id state eventType } ... on Problem { code } } }
"""
LOG = """
query($id: ID!) { webhookEndpoint(id: $id) { deliveries { nodes { messageId eventType state attempts status answer record } } } }
"""


async def test_a_range_is_sent_again(hooks: Hooks) -> None:
    """What an endpoint was not told of in some time is sent: missed, failed and earlier than it; delivered is not."""
    await hooks.customer("Before it was made")
    id, _ = await hooks.endpoint("customer.created")
    await hooks.customer("Told")
    await hooks.deliver()
    await hooks.do(actions.update, "webhook_endpoint", id, {"enabled": False})
    await hooks.customer("Missed")
    await hooks.do(actions.update, "webhook_endpoint", id, {"enabled": True})
    asked = {"id": ids.encode("webhook_endpoint", id), "since": instants.wire(clock.now() - timedelta(hours=1))}
    assert (await hooks.ask(REPLAY, **asked))["job"].startswith("job_")
    assert {"Before it was made", "Missed"} == _names(await hooks.deliver())
    await hooks.ask(REPLAY, **asked, all=True)
    assert {"Before it was made", "Told", "Missed"} == _names(await hooks.deliver())
    assert (6, 3) == (len(hooks.receiver.messages), len({message.id for message in hooks.receiver.messages}))


async def test_a_range_has_two_ends(hooks: Hooks) -> None:
    """What was before it or after it is not sent, and a range that ends before it begins is refused."""
    id, _ = await hooks.endpoint("customer.created")
    shown, now = ids.encode("webhook_endpoint", id), clock.now()
    for minutes in (1, 2, 3):
        with clock.at(lambda at=now + timedelta(minutes=minutes): at):
            await hooks.customer(f"Minute {minutes}")
    with clock.at(lambda: now + timedelta(minutes=4)):
        await hooks.deliver()
        moments = {
            "since": instants.wire(now + timedelta(minutes=2)),
            "until": instants.wire(now + timedelta(minutes=3)),
        }
        await hooks.ask(REPLAY, id=shown, all=True, **moments)
        assert {"Minute 2"} == _names(await hooks.deliver())
        refused = await hooks.ask(REPLAY, id=shown, since=moments["until"], until=moments["since"])
        assert ["OUT_OF_RANGE"] == [violation["code"] for violation in refused["violations"]]


async def test_a_test_message_says_that_it_is_one(hooks: Hooks) -> None:
    """It goes the way of all messages, and the log, read by GraphQL, says what became of it."""
    id, _ = await hooks.endpoint("customer.created")
    shown = ids.encode("webhook_endpoint", id)
    hooks.receiver.answer = lambda _: b"HTTP/1.1 200 X\r\ncontent-length: 5\r\n\r\nhello"
    put = await hooks.ask(TEST, id=shown)
    assert ("WAITING", "webhooks.test") == (put["state"], put["eventType"])
    (body,) = await hooks.deliver()
    assert ("webhooks.test", ["message"]) == (body["type"], list(body["data"]))
    (delivery,) = (await hooks.ask(LOG, id=shown))["deliveries"]["nodes"]
    (message,) = hooks.receiver.messages
    told = {"state": "DELIVERED", "attempts": 1, "status": 200, "answer": "hello", "record": None}
    assert {"messageId": message.id, "eventType": "webhooks.test", **told} == delivery


def _names(bodies: list[Any]) -> set[str]:
    return {body["data"]["record"]["displayName"] for body in bodies}
