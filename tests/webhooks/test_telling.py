"""What a receiver is told, and how it knows who tells it."""

from __future__ import annotations

from uuid import UUID

from standardwebhooks import Webhook

from crmcore import ids
from crmcore.entities import actions
from crmcore.entities.work import Work
from tests.webhooks.conftest import Hooks


async def test_a_change_is_told_once(hooks: Hooks) -> None:
    """Each committed change arrives once, in the form of Standard Webhooks, signed so that their library takes it."""
    _, secret = await hooks.endpoint("customer.created")
    customer = await hooks.customer("Zürich AG", by=hooks.admin)
    (body,) = await hooks.deliver()
    (message,) = hooks.receiver.messages
    data = body["data"]
    assert ("customer.created", ids.encode("customer", customer["id"])) == (body["type"], data["id"])
    assert "Zürich AG" == data["record"]["displayName"]
    assert ("USER", "Ada", message.id) == (*(data["event"]["actor"][k] for k in ("type", "label")), data["event"]["id"])
    assert body == Webhook(secret).verify(message.body, message.headers)
    assert [] == await hooks.deliver()


async def test_a_message_has_the_form_of_the_api(hooks: Hooks) -> None:
    """The record in a message is what GraphQL gives for the same fields: names, ids, instants, money, enums."""
    await hooks.endpoint("deal.created")
    deal = await _deal(hooks, amount=123450, amount_currency="EUR")
    (body,) = await hooks.deliver()
    text = "query($id: ID!) {deal(id: $id) {id version name status stageId customerId amount {amount currency} createdAt createdBy {type actorId label}}}"
    asked = await hooks.ask(text, id=ids.encode("deal", deal))
    assert asked == {name: body["data"]["record"][name] for name in asked}


async def test_what_changed_is_told_with_what_it_was(hooks: Hooks) -> None:
    """Updates, deletions and restorations say before and after; of what is gone for ever the last state is told."""
    await hooks.endpoint("customer.*")
    id = (await hooks.customer("Ada"))["id"]
    await hooks.do(actions.update, "customer", id, {"display_name": "Ada L."})
    await hooks.do(actions.delete, "customer", id)
    await hooks.do(actions.destroy, "customer", id)
    bodies = await hooks.deliver()
    assert ["created", "updated", "deleted", "destroyed"] == [body["type"].split(".")[1] for body in bodies]
    _, updated, deleted, destroyed = (body["data"] for body in bodies)
    assert {"before": "Ada", "after": "Ada L."} == updated["changes"]["displayName"]
    assert {"before": 1, "after": 2} == updated["changes"]["version"]
    assert deleted["changes"]["deletedAt"]["before"] is None
    assert "Ada L." == destroyed["record"]["displayName"]


async def test_events_of_plugins_are_told_with_their_details(hooks: Hooks) -> None:
    """An event with fields of its own brings those, and the record as it is now."""
    await hooks.endpoint("deal.moved")
    deal = await _deal(hooks)
    (stage,) = await hooks.crm.database.fetch_dicts("select id from stage where key = 'proposal'")
    text = "mutation($id: ID!, $stage: ID!) {moveDeal(id: $id, stageId: $stage) {__typename}}"
    await hooks.ask(text, id=ids.encode("deal", deal), stage=ids.encode("stage", stage["id"]))
    (body,) = await hooks.deliver()
    shown = ids.encode("stage", stage["id"])
    assert [shown, shown] == [body["data"]["details"]["toStageId"], body["data"]["record"]["stageId"]]


async def test_a_filter_is_asked_of_the_record_as_the_event_left_it(hooks: Hooks) -> None:
    """A filter is that of the lists; that a record changed again before anybody looked hides no event, and makes none."""
    await hooks.endpoint("customer.*", filter={"customer": {"displayName": {"startsWith": "big"}}})
    id = (await hooks.customer("Small"))["id"]
    for name in ("Big", "Small again"):
        await hooks.do(actions.update, "customer", id, {"display_name": name})
    assert ["Big"] == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]


async def test_an_endpoint_sees_what_its_maker_sees(hooks: Hooks) -> None:
    """Row rules decide which events are told, field rules what of them: masked, or left out; sent as they are now."""
    rules = {"customer.displayName": "MASKED", "customer.jobTitle": "HIDDEN"}
    await hooks.role(
        "partner", {"customer:read": "OWN", "webhook_endpoint:create": "ALL", "webhook_endpoint:read": "ALL"}, rules
    )
    partner = await hooks.user("Pat", "partner")
    await hooks.endpoint("customer.*", by=partner)
    mine = (await hooks.customer("Visible", job_title="Spy", owner_id=partner.user_id))["id"]
    other = (await hooks.customer("Invisible"))["id"]
    await hooks.do(actions.update, "customer", mine, {"job_title": "Double agent"})
    await hooks.do(actions.destroy, "customer", other)
    created, updated = await hooks.deliver()
    assert ("V***", False) == (created["data"]["record"]["displayName"], "jobTitle" in created["data"]["record"])
    assert {"version", "updatedAt"} <= set(updated["data"]["changes"]) <= {"version", "updatedAt", "updatedBy"}


async def test_a_destroyed_record_is_told_to_its_owner_alone(hooks: Hooks) -> None:
    """Of a record that is gone the last owner is told, by the row as it was, and nobody else with that scope."""
    await hooks.role(
        "partner", {"customer:read": "OWN", "webhook_endpoint:create": "ALL", "webhook_endpoint:read": "ALL"}
    )
    for name in ("Pat", "Pia"):
        await hooks.endpoint("customer.destroyed", by=await hooks.user(name, "partner"))
    pat = await hooks.crm.database.fetch_value("select id from crm_user where name = 'Pat'")
    id = (await hooks.customer("Gone", owner_id=pat))["id"]
    await hooks.do(actions.destroy, "customer", id)
    assert 1 == len(await hooks.deliver())


async def test_rights_that_end_before_the_message_is_sent_end_it(hooks: Hooks) -> None:
    """A delivery that waits is dropped when its record may not be seen any more."""
    await hooks.role(
        "partner", {"customer:read": "OWN", "webhook_endpoint:create": "ALL", "webhook_endpoint:read": "ALL"}
    )
    partner = await hooks.user("Pat", "partner")
    await hooks.endpoint("customer.created", by=partner)
    id = (await hooks.customer("Theirs", owner_id=partner.user_id))["id"]
    await hooks.put()
    await hooks.do(actions.update, "customer", id, {"owner_id": hooks.admin.user_id})
    assert [] == await hooks.deliver()
    assert ["DROPPED"] == [row["state"] for row in await hooks.deliveries()]


async def test_who_left_is_told_nothing(hooks: Hooks) -> None:
    """An endpoint of somebody who is no longer active sees nothing, one of a role goes on."""
    role = await hooks.role("integration", {"customer:read": "ALL"})
    leaver = await hooks.user("Lea", "admin")
    await hooks.endpoint("customer.created", by=leaver)
    await hooks.endpoint("customer.created", by=leaver, roleId=ids.encode("role", role))
    await hooks.do(actions.update, "user", leaver.user_id, {"is_active": False})
    await hooks.customer("Anybody")
    assert 1 == len(await hooks.deliver())


async def test_a_token_lends_its_limits(hooks: Hooks) -> None:
    """An endpoint made with a token that is limited sees no more than that token."""
    await hooks.endpoint(
        "customer.*", "deal.*", by=await hooks.token("webhook_endpoint:create", "webhook_endpoint:read", "deal:read")
    )
    await hooks.customer("Not for them")
    await _deal(hooks)
    assert {"deal"} == {body["data"]["entity"] for body in await hooks.deliver()}


async def _deal(hooks: Hooks, **values: object) -> UUID:
    customer = await hooks.customer("Buyer")

    async def unit(work: Work) -> UUID:
        row = await actions.create(work, "deal", {"name": "Deal", "customer_id": customer["id"], **values})
        return UUID(str(row["id"]))

    return await hooks.crm.run(hooks.admin, unit)
