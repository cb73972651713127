"""Deliveries that fail: tried again, in order where asked, given up in the end; and processes that die in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crmcore import Crm, clock, ids
from crmcore.entities import actions
from crmcore.webhooks import delivering, payload
from tests.webhooks.conftest import LOCAL, Hooks
from tests.webhooks.receiver import Message

IN_ORDER = {**LOCAL, "retry_after": [0.0, 0.0]}


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)


@pytest.fixture
def time() -> Iterator[Clock]:
    """The clock of the test; it stands still."""
    source = Clock()
    with clock.at(source):
        yield source


async def test_what_fails_is_tried_again_for_days_and_then_given_up(hooks: Hooks, time: Clock) -> None:
    """Ten attempts in three days, each later than the one before it, under one id; then the delivery has failed."""
    await hooks.endpoint("customer.created")
    await hooks.customer("Ada")
    hooks.receiver.answer = lambda _: 503
    began, waits = time.now, []
    for attempt in range(1, 11):
        assert 1 == len(await hooks.deliver())
        assert [] == await hooks.deliver()
        (row,) = await hooks.deliveries()
        assert (attempt, 503, "The server answered 503.") == (row["attempts"], row["status"], row["error"])
        if attempt < 10:
            waits.append((row["next_at"] - time.now).total_seconds())
            time.now = row["next_at"]
    assert ("FAILED", None) == (row["state"], row["next_at"])
    assert 5 <= waits[0] <= 5.5
    assert sorted(waits) == waits
    assert timedelta(days=2.5) < time.now - began < timedelta(days=3.5)
    assert 1 == len({message.id for message in hooks.receiver.messages})
    assert 10 == len({message.headers["webhook-timestamp"] for message in hooks.receiver.messages})


async def test_a_receiver_may_say_when_to_come_back(hooks: Hooks, time: Clock) -> None:
    """Retry-After puts the next attempt off, never forward."""
    await hooks.endpoint("customer.created")
    await hooks.customer("Ada")
    hooks.receiver.answer = lambda _: b"HTTP/1.1 429 X\r\nretry-after: 600\r\ncontent-length: 0\r\n\r\n"
    await hooks.deliver()
    time.wait(seconds=599)
    assert [] == await hooks.deliver()
    time.wait(seconds=1)
    assert 1 == len(await hooks.deliver())


@pytest.mark.crm_settings(plugins={"webhooks": IN_ORDER})
async def test_order_is_kept_for_each_record(hooks: Hooks) -> None:
    """A message that fails holds back those about its record, and no others; given up, it lets them go."""
    await hooks.endpoint("customer.*", ordered=True)
    ada, bob = (await hooks.customer("Ada"))["id"], (await hooks.customer("Bob"))["id"]
    for id in (ada, bob):
        await hooks.do(actions.update, "customer", id, {"description": "more"})
    failing, refused = ids.encode("customer", ada).encode(), []

    def answer(message: Message) -> int:
        if failing in message.body and len(refused) < 2:
            refused.append(message.id)
            return 500
        return 204

    hooks.receiver.answer = answer
    bodies = await hooks.deliver()
    about = {
        id: [b["type"].split(".")[1] for b in bodies if b["data"]["id"] == ids.encode("customer", id)]
        for id in (ada, bob)
    }
    assert {ada: ["created", "created", "created", "updated"], bob: ["created", "updated"]} == about


async def test_gone_means_no_more(hooks: Hooks) -> None:
    """A receiver that answers 410 is switched off at once, and the feed tells of it."""
    id, _ = await hooks.endpoint("customer.created")
    await hooks.customer("Ada")
    hooks.receiver.answer = lambda _: 410
    await hooks.deliver()
    row = await hooks.seen(id)
    assert (False, "410" in row["disabled_reason"]) == (bool(row["enabled"]), True)
    types = [event.type for event in (await hooks.crm.feed.read(None, entity="webhook_endpoint")).events]
    assert ["webhook_endpoint.created", "webhook_endpoint.updated", "webhook_endpoint.disabled"] == types


async def test_days_of_nothing_but_failures_switch_an_endpoint_off(hooks: Hooks, time: Clock) -> None:
    """Five days without one success end it; a success in between begins the count anew."""
    id, _ = await hooks.endpoint("customer.created")
    statuses = {0: 500, 3: 204, 6: 500, 10: 500, 12: 500}
    for day in range(13):
        if day in statuses:
            hooks.receiver.answer = lambda _, status=statuses[day]: status
            await hooks.customer(f"Day {day}")
            await hooks.deliver()
            enabled = bool((await hooks.seen(id))["enabled"])
            assert enabled is (day < 12), f"day {day}"
        time.wait(days=1)


async def test_what_waits_for_an_endpoint_that_was_switched_off_fails(hooks: Hooks) -> None:
    """It is not sent; switched on again, the endpoint is told of what happens from then on."""
    id, _ = await hooks.endpoint("customer.created")
    await hooks.customer("Waits")
    await hooks.put()
    await hooks.do(actions.update, "webhook_endpoint", id, {"enabled": False})
    assert [] == await hooks.deliver()
    assert ["FAILED"] == [row["state"] for row in await hooks.deliveries()]
    await hooks.customer("Missed")
    await hooks.do(actions.update, "webhook_endpoint", id, {"enabled": True})
    await hooks.customer("Told")
    assert ["Told"] == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]


async def test_a_process_that_dies_after_the_answer_sends_again_under_the_same_id(
    hooks: Hooks, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the job and the note of the delivery are one transaction: both or neither, and then the id tells."""
    await hooks.endpoint("customer.created")
    await hooks.customer("Ada")

    async def die(*_: Any) -> None:
        raise SystemError

    with monkeypatch.context() as patched:
        patched.setattr(delivering, "_delivered", die)
        await hooks.deliver()
    assert ["WAITING"] == [row["state"] for row in await hooks.deliveries()]
    time.wait(hours=1)
    await hooks.deliver()
    assert ["DELIVERED"] == [row["state"] for row in await hooks.deliveries()]
    first, second = hooks.receiver.messages
    assert first.id == second.id


async def test_an_attempt_that_comes_too_late_does_not_undo_what_another_has_written(
    crm: Crm, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that stood still past its lease fails where another has delivered meanwhile: delivered it stays."""
    await hooks.endpoint("customer.created")
    await hooks.customer("Ada")
    hooks.receiver.answer = lambda _: 503
    send = delivering.send

    async def overtaken(crm: Crm, endpoint: Any, delivery: Any) -> Any:
        answer = await send(crm, endpoint, delivery)
        sql = "update crm_webhook_delivery set state = 'DELIVERED', attempts = 1 where id = $1"
        await crm.database.execute(sql, delivery["id"])
        return answer

    monkeypatch.setattr(delivering, "send", overtaken)
    await hooks.deliver()
    (row,) = await hooks.deliveries()
    assert ("DELIVERED", 1, None) == (row["state"], row["attempts"], row["error"])


@pytest.mark.crm_settings(plugins={"webhooks": IN_ORDER})
async def test_a_message_that_cannot_be_made_holds_up_nobody(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours counts as a failed attempt: logged, tried again, given up, and the others are told meanwhile."""
    await hooks.endpoint("customer.created")
    real, poison = payload.of_event, (await hooks.customer("Poison"))["id"]
    await hooks.customer("Told")

    async def broken(crm: Crm, actor: Any, event: Any) -> Any:
        return 1 / 0 if event.record_id == poison else await real(crm, actor, event)

    monkeypatch.setattr(payload, "of_event", broken)
    assert ["Told"] == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]
    assert [("FAILED", 3), ("DELIVERED", 1)] == [(row["state"], row["attempts"]) for row in await hooks.deliveries()]


async def test_a_job_that_comes_twice_sends_once(crm: Crm, hooks: Hooks) -> None:
    """A delivery that has ended is not sent by a job that still knows of it."""
    await hooks.endpoint("customer.created")
    await hooks.customer("Ada")
    await hooks.deliver()
    (row,) = await hooks.deliveries()
    await crm.put(delivering.deliver(delivery_id=row["id"]))
    assert [] == await hooks.deliver()


async def test_ended_deliveries_are_swept_away(crm: Crm, hooks: Hooks, time: Clock) -> None:
    """After the days of the setting the log forgets what ended, and keeps what waits."""
    from crmcore.webhooks.retention import sweep_deliveries

    await hooks.endpoint("customer.created")
    await hooks.customer("Told")
    await hooks.deliver()
    await hooks.customer("Waits")
    await hooks.put()
    for days, left in ((29, 2), (2, 1)):
        time.wait(days=days)
        await crm.put(sweep_deliveries())
        hooks.receiver.answer = lambda _: 503
        await crm.jobs.run_due()
        assert left == len(await hooks.deliveries())
