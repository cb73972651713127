"""Search shows nobody what they may not see, not even by finding it."""

from __future__ import annotations

from uuid import UUID

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Effect, Scope
from crmcore.database import ids
from tests.search.conftest import Searcher

_ALL = {f"{entity}:read": Scope.ALL for entity in ("customer", "deal", "interaction")}


def _person(access: Access, user_id: UUID | None = None) -> Actor:
    return Actor(ActorType.USER, "user_1", "Ana", user_id=user_id or ids.new(), access=access)


async def test_only_rows_that_may_be_read_are_found_and_counted(searcher: Searcher) -> None:
    """The others are not found, and do not use up the page."""
    user = await searcher.act("create", "user", {"name": "Ana", "email": "ana@example.com"})
    mine = [await searcher.customer("Ann", owner_id=user["id"])]
    for _ in range(5):
        await searcher.customer("Ann")
    mine.append(await searcher.customer("Ann", owner_id=user["id"]))
    ana = _person(Access(scopes={"customer:read": Scope.OWN}), user["id"])
    answer = await searcher.answer("ann", ana, first=2)
    assert [f"customer_{id}" for id in reversed(mine)] == [e["node"]["id"] for e in answer["data"]["search"]["edges"]]
    assert answer["data"]["search"]["pageInfo"]["hasNextPage"] is False
    assert await searcher.found("ann", _person(Access())) == []


@pytest.mark.parametrize("effect", [Effect.MASKED, Effect.HIDDEN])
async def test_a_field_that_may_not_be_seen_does_not_match(searcher: Searcher, effect: Effect) -> None:
    """Own columns and those of contact points; it is not named as the reason either."""
    ann = await searcher.customer("Ann Secret", kind="ORGANIZATION", legal_name="Ann Public")
    await searcher.act("create", "contact_point", {"customer_id": ann, "type": "EMAIL", "value": "ann@secret.org"})
    hidden = {("customer", "displayName"): effect, ("contact_point", "value"): effect}
    both = _person(Access(scopes=_ALL, effects=hidden | {("contact_point", "normalized"): effect}))
    assert await searcher.found("secret", both) == []
    assert await searcher.found("ann public secret", both) == []
    [edge] = await searcher.edges("ann", both)
    assert (edge["field"], edge["snippet"]) == ("legalName", "Ann Public")
    normalized = _person(Access(scopes=_ALL, effects=hidden))
    assert [edge["field"] for edge in await searcher.edges("secret", normalized)] == ["contactPoints.normalized"]


async def test_a_private_note_is_found_by_its_owner_only(searcher: Searcher) -> None:
    """What narrows the reading of interactions narrows the finding too."""
    user = await searcher.act("create", "user", {"name": "Ana", "email": "ana@example.com"})
    ann = await searcher.customer("Ann")
    note = {
        "customer_id": ann,
        "kind": "NOTE",
        "subject": "Confidential",
        "visibility": "PRIVATE",
        "owner_id": user["id"],
    }
    made = await searcher.act("create", "interaction", note)
    assert await searcher.found("confidential", _person(Access(scopes=_ALL), user["id"])) == [made["id"]]
    assert await searcher.found("confidential", _person(Access(scopes=_ALL))) == []
