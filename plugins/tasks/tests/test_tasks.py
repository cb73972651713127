"""To-dos through the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crmcore import Access, Actor, ActorType, Crm, Scope, actions, ids

RIGHTS = {
    f"{e}:{a}": Scope.ALL for e in ("task", "user", "customer", "interaction") for a in ("read", "create", "update")
}


async def person(crm: Crm, name: str) -> UUID:
    """Make a user."""
    row = await crm.run(
        Actor.system(), lambda w: actions.create(w, "user", {"name": name, "email": f"{name}@example.com"})
    )
    id: UUID = row["id"]
    return id


def acting(user_id: UUID, *permissions: str, scope: Scope = Scope.ALL) -> Actor:
    """Be that user."""
    scopes = {k: (scope if k.startswith("task:") else v) for k, v in RIGHTS.items()}
    access = Access(scopes=scopes, permissions=frozenset(permissions))
    return Actor(ActorType.USER, ids.encode("user", user_id), "somebody", user_id=user_id, access=access)


async def customer(crm: Crm) -> str:
    """Make a customer; return the id as clients see it."""
    values = {"kind": "PERSON", "given_name": "Ana", "family_name": "Díaz"}
    row = await crm.run(Actor.system(), lambda w: actions.create(w, "customer", values))
    return ids.encode("customer", row["id"])


async def create(crm: Crm, actor: Actor, **data: Any) -> dict[str, Any]:
    """Make a to-do through the API."""
    text = """
    mutation ($data: CreateTaskInput!) {
      createTask(data: $data) {
        __typename
        ... on Task { id title dueAt status assignee { name } subject { __typename id } }
        ... on Problem { code violations { path code } }
      }
    }
    """
    answer = await crm.execute(text, {"data": {"title": "Call"} | data}, actor=actor)
    made: dict[str, Any] = answer["data"]["createTask"]
    return made


async def complete(crm: Crm, actor: Actor, id: str) -> dict[str, Any]:
    """Complete a to-do through the API."""
    text = "mutation ($id: ID!) { taskComplete(id: $id) { __typename ... on Task { id status doneAt } ... on Problem { code message } } }"
    answer = await crm.execute(text, {"id": id}, actor=actor)
    done: dict[str, Any] = answer["data"]["taskComplete"]
    return done


async def test_a_to_do_is_for_who_writes_it_down(crm: Crm) -> None:
    """Without an assignee it is one's own."""
    me = await person(crm, "me")

    assert {"name": "me"} == (await create(crm, acting(me)))["assignee"]


async def test_a_to_do_hangs_on_any_record(crm: Crm) -> None:
    """The subject is read back with its type, and the record lists the to-do."""
    me, about = await person(crm, "me"), await customer(crm)
    made = await create(crm, acting(me), subjectId=about)
    answer = await crm.execute(f'{{ customer(id: "{about}") {{ tasks {{ nodes {{ title }} }} }} }}', actor=acting(me))

    assert {"__typename": "Customer", "id": about} == made["subject"]
    assert [{"title": "Call"}] == answer["data"]["customer"]["tasks"]["nodes"]


async def test_giving_work_to_others_is_a_right(crm: Crm) -> None:
    """Without `tasks.assign` the to-do is refused, with it it is made."""
    me, other = await person(crm, "me"), await person(crm, "other")
    data = {"assigneeId": ids.encode("user", other)}

    assert "FORBIDDEN" == (await create(crm, acting(me), **data))["code"]
    assert {"name": "other"} == (await create(crm, acting(me, "tasks.assign"), **data))["assignee"]


async def test_the_assignee_sees_what_another_gave(crm: Crm) -> None:
    """Scope OWN reaches to-dos one gave and to-dos one got, and no others."""
    boss, me, other = [await person(crm, n) for n in ("boss", "me", "other")]
    made = await create(crm, acting(boss, "tasks.assign"), assigneeId=ids.encode("user", me))
    text = f'{{ task(id: "{made["id"]}") {{ title }} }}'
    seen = [(await crm.execute(text, actor=acting(who, scope=Scope.OWN)))["data"]["task"] for who in (boss, me, other)]

    assert [{"title": "Call"}, {"title": "Call"}, None] == seen


@pytest.mark.parametrize(
    ("data", "path"),
    [({"repeat": "DAILY", "dueAt": "2026-12-01T09:00:00Z"}, "data.repeat"), ({"repeat": "FREQ=DAILY"}, "data.dueAt")],
)
async def test_a_rule_that_cannot_work_is_refused(crm: Crm, data: dict[str, str], path: str) -> None:
    """A repeating to-do needs a rule and a due instant."""
    refused = await create(crm, acting(await person(crm, "me")), **data)

    assert [path] == [v["path"] for v in refused["violations"]]


async def test_completing_makes_the_next_one(crm: Crm) -> None:
    """The repetition is open, due by the rule, with the checklist unticked; completing twice makes no second one."""
    me = acting(await person(crm, "me"))
    made = await create(crm, me, dueAt="2026-12-01T09:00:00Z", repeat="FREQ=WEEKLY")
    item = f'mutation {{ createTaskChecklistItem(data: {{taskId: "{made["id"]}", text: "dial", isDone: true}}) {{ __typename }} }}'
    await crm.execute(item, actor=Actor.system())
    first, second = await complete(crm, me, made["id"]), await complete(crm, me, made["id"])
    text = "{ tasks(filter: {status: {eq: OPEN}}) { nodes { dueAt checklist { nodes { text isDone } } } } }"
    answer = await crm.execute(text, actor=me)

    assert ("DONE", first) == (first["status"], second)
    assert [
        {"dueAt": "2026-12-08T09:00:00.000000Z", "checklist": {"nodes": [{"text": "dial", "isDone": False}]}}
    ] == answer["data"]["tasks"]["nodes"]


async def test_a_completed_to_do_shows_in_the_customers_history(crm: Crm) -> None:
    """An interaction of the kind TASK is logged."""
    me, about = acting(await person(crm, "me")), await customer(crm)
    await complete(crm, me, (await create(crm, me, subjectId=about))["id"])
    text = f'{{ customer(id: "{about}") {{ interactions {{ nodes {{ kind subject }} }} }} }}'
    answer = await crm.execute(text, actor=me)

    assert [{"kind": "TASK", "subject": "Call"}] == answer["data"]["customer"]["interactions"]["nodes"]


async def test_the_timeline_of_a_customer_has_their_to_dos(crm: Crm) -> None:
    """Those about the customer and about the customer's deals, when they are due, for who may read them."""
    about = await customer(crm)
    text = f'mutation {{ createDeal(data: {{name: "Lamps", customerId: "{about}"}}) {{ ... on Deal {{ id }} }} }}'
    deal = (await crm.execute(text, actor=Actor.system()))["data"]["createDeal"]["id"]
    me, other = acting(await person(crm, "me")), acting(await person(crm, "other"), scope=Scope.OWN)
    await create(crm, me, title="Write", subjectId=about, dueAt="2026-12-01T09:00:00Z")
    await create(crm, Actor.system(), title="Offer", subjectId=deal, dueAt="2026-12-02T09:00:00Z")
    await create(crm, me, title="One day", subjectId=about)
    text = f'{{ customer(id: "{about}") {{ timeline(kinds: [TASK]) {{ nodes {{ ... on Task {{ title }} }} }} }} }}'
    seen = [await crm.execute(text, actor=who) for who in (Actor.system(), other)]
    titles = [[n["title"] for n in answer["data"]["customer"]["timeline"]["nodes"]] for answer in seen]

    assert [["Offer", "Write"], []] == titles


@pytest.mark.crm_settings(plugins={"tasks": {"log_completed": False}})
async def test_logging_can_be_switched_off(crm: Crm) -> None:
    """The setting holds."""
    me, about = acting(await person(crm, "me")), await customer(crm)
    await complete(crm, me, (await create(crm, me, subjectId=about))["id"])
    answer = await crm.execute("{ interactions { totalCount } }", actor=me)

    assert 0 == answer["data"]["interactions"]["totalCount"]


async def test_my_day_is_what_is_due_and_mine(crm: Crm) -> None:
    """Overdue and due today count; tomorrow's, undated, done and others' do not."""
    me, other = await person(crm, "me"), await person(crm, "other")
    for title, due in (("late", "2020-01-01T00:00:00Z"), ("someday", None), ("far", "2999-01-01T00:00:00Z")):
        await create(crm, acting(me), title=title, dueAt=due)
    done = await create(crm, acting(me), title="done", dueAt="2020-01-01T00:00:00Z")
    await complete(crm, acting(me), done["id"])
    await create(crm, acting(other), title="not mine", dueAt="2020-01-01T00:00:00Z")
    answer = await crm.execute("{ tasksMyDay { totalCount nodes { title } } }", actor=acting(me))

    assert {"totalCount": 1, "nodes": [{"title": "late"}]} == answer["data"]["tasksMyDay"]


async def test_destroying_a_customer_leaves_the_to_do_standing(crm: Crm) -> None:
    """A to-do may stand alone, so it loses its subject and stays."""
    me, about = acting(await person(crm, "me")), await customer(crm)
    made = await create(crm, me, subjectId=about)
    await crm.run(Actor.system(), lambda w: actions.destroy(w, "customer", ids.parse(about, "customer")))
    answer = await crm.execute(f'{{ task(id: "{made["id"]}") {{ title subjectId subject {{ id }} }} }}', actor=me)

    assert {"title": "Call", "subjectId": None, "subject": None} == answer["data"]["task"]


async def deal_of(crm: Crm, about: str | None) -> str:
    """Make a deal, of a customer or of none; return the id as clients see it."""
    text = "mutation ($data: CreateDealInput!) { createDeal(data: $data) { ... on Deal { id } } }"
    answer = await crm.execute(text, {"data": {"name": "Lamps", "customerId": about}}, actor=Actor.system())
    made: str = answer["data"]["createDeal"]["id"]
    return made


async def test_a_to_do_about_a_deal_shows_in_its_customers_history(crm: Crm) -> None:
    """With the deal; of a deal without a customer there is no history to show it in."""
    about = await customer(crm)
    for deal in (await deal_of(crm, about), await deal_of(crm, None)):
        await complete(crm, Actor.system(), (await create(crm, Actor.system(), subjectId=deal))["id"])
    answer = await crm.execute(
        "{ interactions { nodes { kind customer { id } deal { name } } } }", actor=Actor.system()
    )

    assert [{"kind": "TASK", "customer": {"id": about}, "deal": {"name": "Lamps"}}] == (
        answer["data"]["interactions"]["nodes"]
    )


async def test_what_was_done_can_be_opened_again(crm: Crm) -> None:
    """It is open, and no longer says when it was done."""
    me = acting(await person(crm, "me"))
    made = await create(crm, me)
    await complete(crm, me, made["id"])
    text = "mutation ($id: ID!) { taskReopen(id: $id) { ... on Task { status doneAt } } }"
    answer = await crm.execute(text, {"id": made["id"]}, actor=me)

    assert {"status": "OPEN", "doneAt": None} == answer["data"]["taskReopen"]


async def test_what_was_cancelled_cannot_be_completed(crm: Crm) -> None:
    """It has to be opened again first."""
    me = acting(await person(crm, "me"))
    cancelled = await complete(crm, me, (await create(crm, me, status="CANCELLED"))["id"])

    assert "VALIDATION" == cancelled["code"]


async def test_a_rule_that_has_ended_makes_no_next_one(crm: Crm) -> None:
    """The last repetition is the last."""
    me = acting(await person(crm, "me"))
    made = await create(crm, me, dueAt="2026-12-01T09:00:00Z", repeat="FREQ=DAILY;UNTIL=20261201T090000")
    await complete(crm, me, made["id"])
    answer = await crm.execute("{ tasks { totalCount } }", actor=me)

    assert 1 == answer["data"]["tasks"]["totalCount"]


async def test_a_to_do_can_be_deleted(crm: Crm) -> None:
    """Nothing speaks against it, whatever it says."""
    made = await create(crm, Actor.system(), dueAt="2026-12-01T09:00:00Z", repeat="FREQ=DAILY")
    await crm.run(Actor.system(), lambda w: actions.delete(w, "task", ids.parse(made["id"], "task")))
    answer = await crm.execute("{ tasks { totalCount } }", actor=Actor.system())

    assert 0 == answer["data"]["tasks"]["totalCount"]
