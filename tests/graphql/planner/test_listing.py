"""Lists that plugins declare: a condition of their own, with values of the actor bound."""

from __future__ import annotations

from crmcore.contributions import Bind, Listing
from crmcore.entities.registries import Registries
from crmcore.graphql.planner import Documents, Planner
from crmcore.graphql.schema.schema import build_schema
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ANN, BOB, ENTITIES, EPOCH, person
from tests.graphql.world import contributed


def _mine(buyer: str, bind: Bind) -> str:
    return f"{buyer}.owner_id = {bind(lambda actor: actor.user_id)} or {buyer}.seen_at > {bind(lambda _: EPOCH)}"


async def test_a_listing_has_its_condition_beside_filter_order_and_rules(desk: Desk) -> None:
    """Its `or` steps around none of them."""
    listing = Listing("myBuyers", "buyer", "Buyers that are mine.", _mine)
    schema = build_schema(ENTITIES, Registries([], []), (), contributed(listings=[listing])).graphql
    desk.documents, desk.planner = Documents(schema), Planner(ENTITIES, schema, desk.database.dialect)
    query = "{ myBuyers(first: 3, filter: {size: {gt: 2}}, orderBy: {field: ID}) { nodes { owner { name } size } totalCount } }"
    for user, name in ((ANN, "Ann"), (BOB, "Bob")):
        answer = (await desk.ask(query, actor=person(user=user)))["myBuyers"]
        assert [node["owner"]["name"] for node in answer["nodes"]] == [name] * 3
        assert all(node["size"] > 2 for node in answer["nodes"])
    assert len({sql for sql, _ in desk.statements}) == 1
    assert str(ANN) not in desk.statements[0][0]
