"""A receiver of webhooks inside the test."""

from __future__ import annotations

import json
import socket
from datetime import timedelta

import pytest

from crmcore.testing import Received, TestCrm


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is looked up."""

    def refuse(*args: object, **kwargs: object) -> None:
        msg = "a receiver in the process needs no network"
        raise AssertionError(msg)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


async def test_a_message_arrives_with_the_work(crm: TestCrm) -> None:
    """Of what happened after the endpoint was registered, and only of the types asked for."""
    await crm.make("customer")
    await crm.webhooks.endpoint("customer.created")
    ada = await crm.make("customer", given_name="Ada")
    await crm.make("tag")
    await crm.work_off()
    (message,) = crm.webhooks.received

    assert ("customer.created", ada.shown_id, "Ada") == (
        message.type,
        message.data["id"],
        message.data["record"]["givenName"],
    )
    assert (message.type, message.id) == (json.loads(message.body)["type"], message.headers["webhook-id"])
    assert "https://receiver.example/1" == message.url


async def test_an_endpoint_is_told_of_what_its_role_sees(crm: TestCrm) -> None:
    """Viewers do not see roles, so their endpoint is told of none; an administrator's is."""
    (viewer,) = (await crm.database.fetch("select id from crm_role where key = 'viewer'"))[0]
    await crm.webhooks.endpoint("role.*", role_id=viewer)
    await crm.webhooks.endpoint("role.*", url="https://other.example/")
    await crm.make("role")
    await crm.work_off()

    assert ["https://other.example/"] == [message.url for message in crm.webhooks.received]


async def test_a_receiver_may_refuse(crm: TestCrm) -> None:
    """The delivery is tried again when its time has come, under the same id."""
    await crm.webhooks.endpoint("customer.created")
    await crm.make("customer")
    crm.webhooks.answer = 503
    await crm.work_off()
    crm.webhooks.answer = 204
    crm.clock.move(minutes=1)
    await crm.work_off()
    first, second = crm.webhooks.received

    assert first.id == second.id
    assert ["DELIVERED"] == [state for (state,) in await crm.database.fetch("select state from crm_webhook_delivery")]


async def test_a_receiver_may_look_before_it_answers(crm: TestCrm) -> None:
    """What decides gets the message."""

    def only_updates(message: Received) -> int:
        return 204 if message.type == "customer.updated" else 410

    await crm.webhooks.endpoint("customer.*")
    crm.webhooks.answer = only_updates
    await crm.make("customer")
    await crm.work_off()

    assert [(0,)] == [
        tuple(map(int, row)) for row in await crm.database.fetch("select enabled from crm_webhook_endpoint")
    ]


async def test_a_wrong_signature_fails_the_delivery(crm: TestCrm) -> None:
    """What is received was verified, as a receiver should."""
    await crm.webhooks.endpoint("customer.created")
    crm.webhooks.secrets["https://receiver.example/1"] = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
    await crm.make("customer")

    with pytest.raises(AssertionError, match="is not signed with the secret"):
        await crm.work_off()
    assert [] == crm.webhooks.received


async def test_a_stale_message_fails_the_delivery(crm: TestCrm) -> None:
    """A message that says it was sent at another time is none that was sent now."""
    await crm.webhooks.endpoint("customer.created")
    await crm.make("customer")
    await crm.work_off()
    (message,) = crm.webhooks.received
    crm.clock.move(seconds=timedelta(minutes=6).total_seconds())

    with pytest.raises(AssertionError, match="which is not now"):
        await crm.webhooks.send(message.url, message.body, message.headers)


async def test_an_endpoint_that_was_made_elsewhere_is_not_known(crm: TestCrm) -> None:
    """Nobody could verify what is sent there; the message says what to do."""
    await crm.make("webhook_endpoint", url="https://elsewhere.example/", event_types=["customer.*"])
    _ = crm.webhooks
    await crm.make("customer")

    with pytest.raises(AssertionError, match=r"register it by crm.webhooks.endpoint"):
        await crm.work_off()
