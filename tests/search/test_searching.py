"""What is found, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.search.conftest import Searcher

_PEOPLE = (
    "Anna Müller",
    "Müller",
    "Annabelle Mueller",
    "张伟",
    "张伟明",
    "李张伟",
    "東京商事",
    "김철수",
    "Łucja O'Brien",
)


async def test_words_are_found_whatever_the_script(searcher: Searcher) -> None:
    """Beginnings of words, in any order; of scripts without blanks any part; umlauts in all their spellings."""
    names = {name: await searcher.customer(name) for name in _PEOPLE}
    found: dict[str, set[str]] = {
        "müller": {"Anna Müller", "Müller", "Annabelle Mueller"},
        "MULLER": {"Anna Müller", "Müller"},
        "mueller": {"Anna Müller", "Müller", "Annabelle Mueller"},
        "müll ann": {"Anna Müller", "Annabelle Mueller"},
        "an": {"Anna Müller", "Annabelle Mueller"},
        "张": {"张伟", "张伟明", "李张伟"},
        "张伟": {"张伟", "张伟明", "李张伟"},
        "伟明": {"张伟明"},
        "京商": {"東京商事"},
        "철수": {"김철수"},
        "obrien": set(),
        "o'brien lucja": {"Łucja O'Brien"},
        "%": set(),
        "nobody": set(),
    }
    for query, wanted in found.items():
        assert {names[name] for name in wanted} == set(await searcher.found(query)), query


async def test_what_is_the_query_comes_first_then_what_begins_with_it(searcher: Searcher) -> None:
    """And of equals the newest."""
    names = ["Wei Anna", "Anna Wei", "Anna", "Bob Anna", "Annabelle", "Anna"]
    made = [await searcher.customer(name) for name in names]
    assert [made[n] for n in (5, 2, 4, 1, 3, 0)] == await searcher.found("anna")


@pytest.mark.parametrize(("few", "way"), [(2000, 20_000), (2, 20_000), (2, 3)])
async def test_pages_follow_each_other_through_all_tiers(
    searcher: Searcher, few: int, way: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing twice, nothing left out, also when something new comes between; cursors are of their query.

    PostgreSQL goes other ways where there are more than a few.
    """
    if few < 2000 and searcher.crm.database.dialect == "sqlite":
        pytest.skip("SQLite has one way only.")
    monkeypatch.setattr("crmcore.graphql.planner.postgresql.hits._FEW", few)
    monkeypatch.setattr("crmcore.graphql.planner.postgresql.hits._WAY", way)
    for name in ["Anna", "Anna Bell", "Bell Anna"] * 3:
        await searcher.customer(name)
    whole = await searcher.found("anna", first=20)
    pages: list[Any] = []
    after = None
    while True:
        page = (await searcher.answer("anna", first=2, after=after))["data"]["search"]
        pages += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        await searcher.customer("Anna")
    assert [f"customer_{id}" for id in whole] == pages
    refused = await searcher.answer("bell", first=2, after=after)
    assert refused["errors"][0]["extensions"]["violations"][0]["code"] == "CURSOR_OF_ANOTHER_ORDER"


async def test_records_of_all_types_are_found_or_of_some(searcher: Searcher) -> None:
    """A customer by the numbers and addresses of its contact points too."""
    ann = await searcher.customer("Ann Lee")
    for type_, value in (("MOBILE", "+49 (0)151 234 5678"), ("EMAIL", "lee@exämple.com")):
        await searcher.act("create", "contact_point", {"customer_id": ann, "type": type_, "value": value})
    note = await searcher.act(
        "create",
        "interaction",
        {"customer_id": ann, "kind": "NOTE", "subject": "Hello", "body": "Ask Lee about 合同。"},
    )
    assert await searcher.found("lee") == [note["id"], ann] or await searcher.found("lee") == [ann, note["id"]]
    assert await searcher.found("lee", types=["INTERACTION"]) == [note["id"]]
    assert await searcher.found("合同") == [note["id"]]
    for number in ("5678", "0151 2345678", "+49151234", "lee@exämple.com", "ann lee@"):
        assert await searcher.found(number, types=["CUSTOMER"]) == [ann], number
    [edge] = await searcher.edges("2345678")
    assert (edge["field"], edge["snippet"]) == ("contactPoints.value", "+49 (0)151 234 5678")


@pytest.mark.parametrize(
    ("given", "code"),
    [({"types": []}, "REQUIRED"), ({"query": "x" * 201}, "TOO_LONG"), ({"first": 10_000}, "PAGE_SIZE")],
)
async def test_what_has_no_meaning_is_refused(searcher: Searcher, given: dict[str, Any], code: str) -> None:
    """With the way out in the message."""
    answer = await searcher.answer(**{"query": "x", **given})
    assert answer["errors"][0]["extensions"]["violations"][0]["code"] == code
