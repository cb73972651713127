"""What mutations give is selected like what queries give: fragments on `Thing | Problem` and on interfaces in it."""

from __future__ import annotations

import json
from typing import Any

from graphql import GraphQLResolveInfo, build_schema, graphql_sync, print_schema

from tests.graphql.conftest import WorldCrm

_FRAGMENTS = """
fragment Made on GadgetResult { __typename ...Id ... on Gadget { ...Lamp } ... on Problem { ...Why } }
fragment Id on Node { id ... on GadgetResult { ... on Gadget { version } ... on Problem { message } } }
fragment Lamp on Gadget { name ... on Node { ... on Gadget { size name } ... on Maker { called: name } } maker { ...Id } notes { totalCount } }
fragment Why on Problem { code violations { path at: path code } }
"""
_MUTATION = (
    """mutation ($skip: Boolean!) {
    a: createGadget(data: {name: "Lamp"}) { ...Made }
    b: createGadget(data: {name: "forbidden"}) { ...Made ... on Problem @skip(if: $skip) { message } }
    c: createGadgets(data: [{name: "Bed"}, {name: "forbidden"}], mode: PARTIAL) {
        ... on Problem { ...Why } ... on GadgetBatch { results { __typename index record { ...Lamp ...Id } problem { ...Why } } failed } }
    d: makeOffer(lines: [], price: {amount: "5.00", currency: "EUR"}) {
        ... on Offer { total { amount } gadget { ...Lamp } until } ... on Problem { ...Why } __typename }
}"""
    + _FRAGMENTS
)


async def test_payloads_are_answered_as_graphql_core_answers_them(world: WorldCrm) -> None:
    """Records, problems, batches and results of actions, with fragments of every sort, in the same order."""
    found = (await world.answer(_MUTATION, {"skip": True}))["data"]
    schema = build_schema(print_schema(world.schema.graphql))
    payloads = await _payloads(world, found)

    def resolved(source: dict[str, Any], info: GraphQLResolveInfo, **_: Any) -> Any:
        return source[info.path.key if source is payloads else info.field_name]

    expected = graphql_sync(schema, _MUTATION, payloads, variable_values={"skip": True}, field_resolver=resolved)
    assert expected.errors is None
    assert json.dumps(expected.data) == json.dumps(found)


async def _payloads(world: WorldCrm, found: Any) -> dict[str, Any]:
    """Return everything a payload can show, as graphql-core's own resolvers take it."""
    refused = {"code": "VALIDATION", "__typename": "Problem", "violations": found["b"]["violations"]}
    made, not_made = found["c"]["results"]
    rows = [
        {"index": 0, "record": await _record(world, made["record"]["id"]), "problem": None},
        {"index": 1, "record": None, "problem": {**refused, "violations": not_made["problem"]["violations"]}},
    ]
    return {
        "a": await _record(world, found["a"]["id"]),
        "b": refused,
        "c": {"__typename": "GadgetBatch", "results": rows, "failed": 1},
        "d": {"__typename": "Offer", "total": {"amount": "5.00"}, "gadget": None, "until": None},
    }


async def _record(world: WorldCrm, id: str) -> dict[str, Any]:
    text = "query ($id: ID!) { gadget(id: $id) { __typename id version name size maker { id } notes { totalCount } } }"
    record: dict[str, Any] = (await world.data(text, {"id": id}))["gadget"]
    return record
