"""The rules of endpoints, whatever the door."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from crmcore import Crm, clock, ids
from crmcore.access.actor import ActorType
from crmcore.entities import actions
from crmcore.errors import Invalid
from crmcore.webhooks import secrets
from tests.webhooks.conftest import Hooks

ROTATE = """
mutation($id: ID!, $hours: Int) {
  rotateWebhookSecret(id: $id, overlapHours: $hours) { ... on NewWebhookSecret { secret previousUntil } ... on Problem { code } }
}
"""
UPDATE = """
mutation($id: ID!, $data: UpdateWebhookEndpointInput!) {
  updateWebhookEndpoint(id: $id, data: $data) { ... on WebhookEndpoint { id } ... on Problem { code } }
}
"""
MANAGES = {f"webhook_endpoint:{verb}": "ALL" for verb in ("read", "create", "update", "delete")}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://example.com/hook"}, "NOT_HTTPS"),
    ({"url": "https://127.0.0.1/"}, "NOT_PUBLIC"),
    ({"url": "https://[::ffff:10.0.0.1]/"}, "NOT_PUBLIC"),
    ({"url": "https://user:secret@example.com/"}, "MALFORMED"),
    ({"url": "https://example.com/#part"}, "MALFORMED"),
    ({"url": "https://example.com:99999/"}, "MALFORMED"),
    ({"eventTypes": []}, "REQUIRED"),
    ({"eventTypes": ["deal.exploded"]}, "UNKNOWN_EVENT_TYPE"),
    ({"eventTypes": ["dea*"]}, "UNKNOWN_EVENT_TYPE"),
    ({"filter": ["deal"]}, "MALFORMED"),
    ({"filter": {"dragon": {}}}, "UNKNOWN_ENTITY"),
    ({"filter": {"deal": {"nonsense": {"eq": 1}}}}, "MALFORMED"),
    ({"filter": {"deal": {"customerId": {"eq": "deal_01900000-0000-7000-8000-000000000000"}}}}, "MALFORMED"),
    ({"filter": {"deal": {"amount": {"amount": {"gt": "5"}}}}}, "MALFORMED"),
    ({"atOnce": 0}, "TOO_SMALL"),
]


@pytest.mark.crm_settings
async def test_what_cannot_be_is_refused_when_it_is_made(hooks: Hooks) -> None:
    """A URL that is not https or not public, types that are none, and filters that the lists would refuse."""
    found = [await hooks.refused(**{"url": "https://example.com/hook", **given}) for given, _ in WRONG]
    assert [code for _, code in WRONG] == found


async def test_only_administrators_have_to_do_with_endpoints_at_first(hooks: Hooks) -> None:
    """The default roles neither make nor see endpoints: whoever makes one leads data out of the house."""
    await hooks.endpoint("*")
    for role in ("manager", "sales", "viewer"):
        actor = await hooks.user(role, role)
        assert "FORBIDDEN" == await hooks.refused(actor)
        listed = await hooks.ask("{webhookEndpoints {nodes {url deliveries {totalCount}}}}", actor)
        assert {"nodes": []} == listed


async def test_a_secret_is_shown_once(hooks: Hooks) -> None:
    """It comes with the mutation that makes it; no type of the API has a field for it, and the feed does not know it."""
    _, secret = await hooks.endpoint("*")
    fields = await hooks.ask('{__type(name: "WebhookEndpoint") {fields {name}}}')
    assert not [f["name"] for f in fields["fields"] if "secret" in f["name"].lower()]
    kept = [str(event) for event in (await hooks.crm.feed.read(None)).events]
    assert not [text for text in kept if secret in text]


async def test_two_secrets_live_while_the_receiver_changes_over(hooks: Hooks) -> None:
    """After a rotation old and new verify, then the new one alone; one that leaked can end at once."""
    id, first = await hooks.endpoint("customer.created")
    second = (await hooks.ask(ROTATE, id=ids.encode("webhook_endpoint", id)))["secret"]
    assert [second, first] == await secrets.live(hooks.crm.database, id)
    await hooks.customer("Ada")
    await hooks.deliver()
    (message,) = hooks.receiver.messages
    for secret in (first, second):
        Webhook(secret).verify(message.body, message.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(message.body, message.headers)
    later = clock.now() + timedelta(hours=25)
    with clock.at(lambda: later):
        assert [second] == await secrets.live(hooks.crm.database, id)
    third = (await hooks.ask(ROTATE, id=ids.encode("webhook_endpoint", id), hours=0))["secret"]
    assert [third] == await secrets.live(hooks.crm.database, id)


async def test_nobody_leads_messages_where_he_reads_what_he_may_not(hooks: Hooks) -> None:
    """Who may change endpoints and sees less than one does may switch that off, and neither redirect nor use it."""
    await hooks.role("mechanic", {**MANAGES, "customer:read": "OWN"})
    mechanic = await hooks.user("Mel", "mechanic")
    id, _ = await hooks.endpoint("customer.created")
    shown = ids.encode("webhook_endpoint", id)
    refused = [
        await hooks.ask(UPDATE, mechanic, id=shown, data={"url": "http://127.0.0.1:9/"}),
        await hooks.ask(UPDATE, mechanic, id=shown, data={"eventTypes": ["*"]}),
        await hooks.ask(ROTATE, mechanic, id=shown),
        await hooks.ask(
            "mutation($id: ID!) {testWebhookEndpoint(id: $id) {... on Problem {code}}}", mechanic, id=shown
        ),
    ]
    assert ["FORBIDDEN"] * 4 == [problem["code"] for problem in refused]
    assert {"id": shown} == await hooks.ask(UPDATE, mechanic, id=shown, data={"enabled": False})
    assert {"code": "FORBIDDEN"} == await hooks.ask(UPDATE, mechanic, id=shown, data={"enabled": True})


async def test_a_limited_token_does_not_widen_itself_by_an_endpoint(hooks: Hooks) -> None:
    """A token changes endpoints of its own person only as far as it sees what they see; so does a role it gives."""
    id, _ = await hooks.endpoint("customer.created")
    token = await hooks.token("webhook_endpoint:*", "deal:read", "role:read")
    data = {"url": "http://127.0.0.1:9/"}
    assert {"code": "FORBIDDEN"} == await hooks.ask(UPDATE, token, id=ids.encode("webhook_endpoint", id), data=data)
    role = await hooks.role("reader", {"customer:read": "ALL"})
    assert "MORE_THAN_YOURS" == await hooks.refused(token, roleId=ids.encode("role", role))


async def test_an_import_lends_nobody_elses_rights(hooks: Hooks) -> None:
    """An import may name columns that the server keeps; with whose rights an endpoint sees stays whose import it is."""
    await hooks.role("importer", {**MANAGES, "customer:read": "OWN", "user:read": "ALL"})
    importer = replace(await hooks.user("Ian", "importer"), type=ActorType.IMPORT)
    values = {"url": hooks.receiver.url, "event_types": ["*"], "user_id": hooks.admin.user_id, "scopes": ["*"]}
    made = await hooks.do(actions.create, "webhook_endpoint", values, by=importer)
    assert importer.user_id == made["user_id"]
    for change in ({"user_id": hooks.admin.user_id}, {"scopes": ["*"]}):
        with pytest.raises(Invalid, match="settled when it is made"):
            await hooks.do(actions.update, "webhook_endpoint", made["id"], change, by=importer)


async def test_a_deleted_endpoint_is_told_nothing(crm: Crm, hooks: Hooks) -> None:
    """Deleted it hears nothing; restored it hears what comes then; destroyed, its secrets and its log go with it."""
    id, _ = await hooks.endpoint("customer.created")
    await hooks.do(actions.delete, "webhook_endpoint", id)
    await hooks.customer("Missed")
    assert [] == await hooks.deliver()
    await hooks.do(actions.restore, "webhook_endpoint", id)
    await hooks.customer("Heard")
    assert ["Heard"] == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]
    await hooks.do(actions.destroy, "webhook_endpoint", id)
    left = [await crm.database.fetch(f"select 1 from crm_webhook_{t}") for t in ("secret", "cursor", "delivery")]
    assert [[], [], []] == left
