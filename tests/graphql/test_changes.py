"""`changes`: the feed as each may see it, whole and in order, in pages of any size."""

from __future__ import annotations

from operator import itemgetter
from typing import Any
from uuid import UUID

import pytest

from crmcore import Actor, Created, Crm, actions
from crmcore.access.actor import Effect, Scope
from crmcore.customers.actions.lifecycle import convert_lifecycle
from crmcore.database import ids
from crmcore.errors import SetupError
from crmcore.events import Event
from crmcore.events.types import EventTypes
from crmcore.graphql.plain import route
from crmcore.graphql.roots import changes
from crmcore.graphql.schema.schema import build_schema
from crmcore.testing.queries import assert_queries
from tests.graphql.scene import SYSTEM, Scene

CHANGES = """
    query ($after: String, $first: Int, $types: [EventType!], $entities: [EntityType!]) {
      changes(after: $after, first: $first, types: $types, entities: $entities) {
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id cursor type entity recordId requestId fields { name before after } details } }
      }
    }
"""


@pytest.fixture
async def scene(crm: Crm) -> Scene:
    """People, and no records yet."""
    return await Scene(crm).set_up()


async def _nodes(scene: Scene, by: Actor = SYSTEM, **given: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await scene.ask(CHANGES, given, by=by))["changes"]["edges"]]


async def _past_of_customers(scene: Scene) -> str:
    """Make customers of Ana, of her team and of Bob, some changed, deleted and destroyed; return where it began."""
    start = await scene.end()
    mine = await scene.customer("mine", owner_id=scene.ana)
    team = await scene.customer("team's", owner_id=scene.bob, team_id=scene.team)
    others = await scene.customer("other's", owner_id=scene.bob)
    given = await scene.customer("given away", owner_id=scene.ana)
    taken = await scene.customer("taken over", owner_id=scene.bob)
    deleted = await scene.customer("mine, deleted", owner_id=scene.ana)
    gone = await scene.customer("mine, gone", owner_id=scene.ana)
    other_gone = await scene.customer("other's, gone", owner_id=scene.bob)
    await scene.update("customer", given, owner_id=scene.bob)
    await scene.update("customer", taken, owner_id=scene.ana)
    await scene.delete("customer", deleted)
    for id in (gone, other_gone):
        await scene.destroy("customer", id)
    for id in (mine, team, others):
        await scene.update("customer", id, industry="Tea")
    return start


async def _another_stage(scene: Scene) -> UUID:
    """Return the second stage of the default pipeline."""
    found = await scene.ask("{ stages(first: 2, orderBy: [{field: POSITION}]) { nodes { id } } }")
    return ids.parse(found["stages"]["nodes"][1]["id"], "stage")


OWN = {"mine", "taken over", "mine, deleted", "mine, gone"}
ALL = OWN | {"team's", "other's", "given away", "other's, gone"}
WHO = {
    "the system": (None, ALL),
    "who reads all": (Scope.ALL, ALL),
    "who reads the team's": (Scope.TEAM, OWN | {"team's"}),
    "who reads their own": (Scope.OWN, OWN),
    "who reads none": (Scope.NONE, set()),
}


async def test_one_sees_changes_of_records_that_one_may_read(scene: Scene) -> None:
    """As they are now, whoever might read them when it happened; of those that are gone, as they last were."""
    start = await _past_of_customers(scene)
    everything = await _nodes(scene, after=start)
    for who, (scope, expected) in WHO.items():
        by = SYSTEM if scope is None else scene.reader(scope)

        seen = await _nodes(scene, by, after=start)

        assert expected == {scene.names[node["recordId"]] for node in seen}, who
        assert [node for node in everything if scene.names[node["recordId"]] in expected] == seen, who


async def test_what_is_skipped_leaves_no_gap_and_no_page_short(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pages of any size, the feed is the same, and a page has as many changes as were asked for."""
    # So that a page takes several looks at the feed.
    monkeypatch.setattr(changes, "_LEAST_READ", 1)
    start = await _past_of_customers(scene)
    by = scene.reader(Scope.OWN)
    whole = await _nodes(scene, by, after=start)

    for size in (1, 2, 3, 7):
        found, after, more = [], start, True
        while more:
            page = (await scene.ask(CHANGES, {"after": after, "first": size}, by=by))["changes"]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
            assert len(page["edges"]) == size or not more
            found += [edge["node"] for edge in page["edges"]]
        assert whole == found

    last = (await scene.ask(CHANGES, {"after": after}, by=by))["changes"]
    assert ([], False, None) == (last["edges"], last["pageInfo"]["hasNextPage"], last["pageInfo"]["startCursor"])
    await scene.customer("new", owner_id=scene.ana)
    later = await _nodes(scene, by, after=last["pageInfo"]["endCursor"])
    assert ["CUSTOMER_CREATED"] == [node["type"] for node in later]


async def test_what_belongs_to_a_record_follows_it(scene: Scene) -> None:
    """Changes of contact points are seen by those who may read the customer, also of one that is gone."""
    start = await scene.end()
    for owner in (scene.ana, scene.bob):
        customer = await scene.customer("x", owner_id=owner)
        for value in ("stays@example.com", "goes@example.com"):
            point = await scene.create("contact_point", customer_id=customer, type="EMAIL", value=f"{owner}{value}")
        await scene.destroy("contact_point", point["id"])

    def points(nodes: list[dict[str, Any]]) -> list[str]:
        return [node["type"] for node in nodes if node["entity"] == "CONTACT_POINT"]

    each = ["CONTACT_POINT_CREATED", "CONTACT_POINT_CREATED", "CONTACT_POINT_DESTROYED"]
    assert each == points(await _nodes(scene, scene.reader(Scope.OWN), after=start))
    assert each * 2 == points(await _nodes(scene, scene.reader(Scope.ALL), after=start))


async def test_a_rule_of_the_record_itself_counts(scene: Scene) -> None:
    """Of a private interaction, there or gone, nobody hears but its people."""
    customer = await scene.customer("Acme")
    start = await scene.end()
    for owner in (scene.ana, scene.bob):
        for _ in range(2):
            made = await scene.create(
                "interaction",
                kind="NOTE",
                subject="s",
                customer_id=customer,
                owner_id=owner,
                visibility="PRIVATE",
                direction="INTERNAL",
            )
        await scene.destroy("interaction", made["id"])

    by = scene.actor({"interaction:read": Scope.ALL})
    seen = [node["type"] for node in await _nodes(scene, by, after=start) if node["entity"] == "INTERACTION"]
    assert ["INTERACTION_CREATED", "INTERACTION_CREATED", "INTERACTION_DESTROYED"] == seen


async def test_each_verb_says_what_changed(scene: Scene) -> None:
    """Fields by their names, with what they held before and have held since, as they are shown elsewhere."""
    start = await scene.end()
    id = await scene.customer("Acme")
    await scene.update("customer", id, display_name="Acme & Co", owner_id=scene.ana)
    await scene.delete("customer", id)
    await scene.do(lambda work: actions.restore(work, "customer", id))
    await scene.destroy("customer", id)

    made, changed, deleted, back, gone = await _nodes(scene, after=start)

    assert {"name": "displayName", "before": None, "after": "Acme"} in made["fields"]
    assert "website" not in {field["name"] for field in made["fields"]}
    assert [
        {"name": "displayName", "before": "Acme", "after": "Acme & Co"},
        {"name": "ownerId", "before": None, "after": ids.encode("user", scene.ana)},
    ] == sorted(changed["fields"], key=itemgetter("name"))
    ((deletion,), (restoring,)) = (deleted["fields"], back["fields"])
    assert (None, "deletedAt") == (deletion["before"], deletion["name"])
    assert {**restoring, "before": None, "after": restoring["before"]} == deletion
    assert {"name": "displayName", "before": "Acme & Co", "after": None} in gone["fields"]


async def test_money_is_one_field(scene: Scene) -> None:
    """An amount with its currency, before and after."""
    deal = await scene.create("deal", name="D", amount=1050, amount_currency="EUR")
    start = await scene.end()
    await scene.update("deal", deal["id"], amount=2000)

    (change,) = await _nodes(scene, after=start)

    money = {"before": {"amount": "10.50", "currency": "EUR"}, "after": {"amount": "20.00", "currency": "EUR"}}
    assert {"name": "amount", **money} in change["fields"]


async def test_field_rules_hold_for_the_past(scene: Scene) -> None:
    """What is hidden is not there, before or after; what is masked is masked; who did it is hidden with `updatedBy`."""
    start = await scene.end()
    id = await scene.customer("Acme", industry="Tea", annual_revenue=1, annual_revenue_currency="EUR")
    await scene.update("customer", id, display_name="Zeta", industry="Coffee", annual_revenue=2)
    rules = {"displayName": Effect.MASKED, "industry": Effect.HIDDEN, "annualRevenue": Effect.MASKED}
    by = scene.reader(Scope.ALL, **rules, updatedBy=Effect.HIDDEN)

    made, changed = await _nodes(scene, by, after=start)

    assert [{"name": "displayName", "before": "A***", "after": "Z***"}] == changed["fields"]
    assert {"displayName": "A***"}.items() <= {f["name"]: f["after"] for f in made["fields"]}.items()
    assert {"industry", "annualRevenue"}.isdisjoint(field["name"] for field in made["fields"])
    text = "query ($after: String) { changes(after: $after) { nodes { type actor { label } } } }"
    actors = (await scene.ask(text, {"after": start}, by=by))["changes"]["nodes"]
    assert [("CUSTOMER_CREATED", {"label": "crmcore"}), ("CUSTOMER_UPDATED", None)] == [
        (node["type"], node["actor"]) for node in actors
    ]


async def test_details_follow_field_rules(scene: Scene) -> None:
    """A detail follows the field it is named after; what is named after none is for those from whom nothing is kept back."""
    id = await scene.customer("Acme")
    start = await scene.end()
    await scene.do(lambda work: convert_lifecycle(work, id, "OPPORTUNITY", note="They asked."))

    async def details(by: Actor) -> Any:
        nodes = await _nodes(scene, by, after=start, types=["CUSTOMER_LIFECYCLE_CHANGED"])
        return [node["details"] for node in nodes]

    told = {"fromStage": "LEAD", "toStage": "OPPORTUNITY", "reason": None, "note": "They asked."}
    assert [told] == await details(scene.reader(Scope.ALL))
    assert [told] == await details(scene.reader(Scope.ALL, industry=Effect.READ_ONLY))
    assert [told] == await details(scene.reader(Scope.ALL, industry=Effect.HIDDEN))
    words = {"reason": None, "note": "They asked."}
    assert [words] == await details(scene.reader(Scope.ALL, lifecycleStage=Effect.HIDDEN))
    masked = scene.reader(Scope.ALL, lifecycleNote=Effect.MASKED)
    assert [{name: value for name, value in told.items() if name != "note"}] == await details(masked)


async def test_details_named_after_no_field_are_for_those_who_may_see_all_fields(scene: Scene) -> None:
    """They might tell what a rule keeps back."""
    deal = await scene.create("deal", name="D")
    start = await scene.end()
    await scene.update("deal", deal["id"], stage_id=await _another_stage(scene))

    async def details(**effects: Effect) -> Any:
        rules = {("deal", name): effect for name, effect in effects.items()}
        (moved,) = await _nodes(scene, scene.actor({"deal:read": Scope.ALL}, rules), after=start, types=["DEAL_MOVED"])
        return set(moved["details"])

    told = await details()
    assert {"fromStageId", "toStatus", "seconds", "note"} < told
    assert told - {"seconds"} == await details(name=Effect.MASKED)


async def test_details_name_records_as_clients_do(scene: Scene) -> None:
    """Ids in details have the form of ids elsewhere."""
    deal = await scene.create("deal", name="D")
    other = await _another_stage(scene)
    start = await scene.end()
    await scene.update("deal", deal["id"], stage_id=other)

    (moved,) = await _nodes(scene, after=start, types=["DEAL_MOVED"])

    assert ids.encode("stage", other) == moved["details"]["toStageId"]


async def test_types_and_entities_choose(scene: Scene) -> None:
    """Both together mean what is of both."""
    start = await scene.end()
    id = await scene.customer("Acme")
    await scene.update("customer", id, industry="Tea")
    await scene.create("tag", name="hot")

    async def types(**given: Any) -> list[str]:
        return [node["type"] for node in await _nodes(scene, after=start, **given)]

    assert ["CUSTOMER_CREATED", "CUSTOMER_UPDATED", "TAG_CREATED"] == await types()
    assert ["CUSTOMER_CREATED", "TAG_CREATED"] == await types(types=["CUSTOMER_CREATED", "TAG_CREATED"])
    assert ["TAG_CREATED"] == await types(entities=["TAG"])
    assert ["CUSTOMER_CREATED"] == await types(types=["CUSTOMER_CREATED", "TAG_CREATED"], entities=["CUSTOMER"])
    assert [] == await types(types=["CUSTOMER_CREATED"], entities=["TAG"])
    assert [] == await types(types=[])


async def test_a_change_says_why(scene: Scene) -> None:
    """Who did it, by which request, with which idempotency key."""
    start = await scene.end()
    by = scene.actor({})
    await scene.do(
        lambda work: work.emit(work.event(Created, work.entities["tag"], ids.new(), after={})),
        by,
        request_id="request-1",
        idempotency_key="key-1",
    )
    text = "query ($after: String) { changes(after: $after) { nodes { actor { type actorId label } requestId idempotencyKey } } }"

    (change,) = (await scene.ask(text, {"after": start}))["changes"]["nodes"]

    who = {"type": "USER", "actorId": ids.encode("user", scene.ana), "label": "Ana"}
    assert {"actor": who, "requestId": "request-1", "idempotencyKey": "key-1"} == change


RECORDS = """
    query ($after: String) {
      changes(after: $after) { nodes { type record { __typename id ... on Customer { displayName owner { name } } } } }
    }
"""


async def test_the_record_is_the_one_of_now(scene: Scene) -> None:
    """As the reader may see it; null once it is deleted."""
    start = await scene.end()
    id = await scene.customer("Acme", owner_id=scene.ana)
    await scene.update("customer", id, display_name="Zeta")
    gone = await scene.customer("Gone", owner_id=scene.ana)
    await scene.delete("customer", gone)

    nodes = (await scene.ask(RECORDS, {"after": start}, by=scene.reader(Scope.OWN, displayName=Effect.MASKED)))[
        "changes"
    ]["nodes"]

    record = {"__typename": "Customer", "id": ids.encode("customer", id), "displayName": "Z***", "owner": None}
    assert [record, record, None, None] == [node["record"] for node in nodes]


async def test_a_page_takes_a_statement_for_each_type_of_record(scene: Scene) -> None:
    """However many changes there are: one to read them, and for each type one for rights and one for records."""
    start = await scene.end()
    for number in range(10):
        await scene.customer(f"{number}", owner_id=scene.ana)
        await scene.create("tag", name=f"{number}")
    by = scene.actor({"customer:read": Scope.OWN, "tag:read": Scope.ALL})
    await scene.ask(RECORDS, {"after": start}, by=by)

    # The feed, rights of customers (tags need none), customers, tags.
    with assert_queries(scene.crm.database, 4):
        nodes = (await scene.ask(RECORDS, {"after": start}, by=by))["changes"]["nodes"]

    assert 20 == len(nodes)


async def test_changes_of_plugins_that_are_gone_are_skipped(scene: Scene) -> None:
    """Nobody knows what they mean, nor who may see them."""
    start = await scene.end()
    await scene.create("tag", name="hot")
    await scene.create("tag", name="cold")
    await scene.crm.database.execute(
        "update crm_event set type = 'ghost.seen', entity = 'ghost' where row like '%cold%'"
    )

    assert ["TAG_CREATED"] == [node["type"] for node in await _nodes(scene, after=start)]


async def test_the_executor_gives_the_same(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a plugin's plain field stands below, graphql-core does what is done without it otherwise."""
    start = await _past_of_customers(scene)
    text = CHANGES.replace(
        "details }", "details at actor { type label } record { id ... on Customer { displayName } } __typename }"
    )
    given = {"after": start, "first": 7, "entities": ["CUSTOMER"], "types": None}
    straight = await scene.ask(text, given, by=scene.reader(Scope.TEAM))

    monkeypatch.setattr(route, "_is_straight", lambda *_: False)
    # Another text, so that its way is found anew.
    assert straight == await scene.ask(f"{text} ", given, by=scene.reader(Scope.TEAM))


async def test_what_cannot_be_is_refused(scene: Scene) -> None:
    """With a code and the way out."""
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"first": -1}, "PAGE_SIZE"),
        ({"first": 1001}, "PAGE_SIZE"),
        ({"after": "nonsense"}, "NOT_A_CURSOR"),
        ({"after": "7f-0-0"}, "CURSOR_AHEAD"),
    ]
    for given, code in refusals:
        answer = await scene.crm.execute(CHANGES, given, actor=SYSTEM)

        assert answer["data"] is None
        (error,) = answer["errors"]
        assert ["changes"] == error["path"]
        assert [code] == [violation["code"] for violation in error["extensions"]["violations"]]


def test_types_of_events_with_one_name_are_refused(crm_model: Crm) -> None:
    """Both parties are named."""
    contact_created = type("ContactCreated", (Event,), {"__doc__": "A contact was made."}, of="deal")
    declared = [("shop", contact_created)]

    with pytest.raises(SetupError, match=r"'pipelines' and 'shop'.*DEAL_CONTACT_CREATED"):
        build_schema(crm_model.entities, crm_model.registries, events=EventTypes(crm_model.entities, declared))
