"""A CRM in which people write records and look for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.entities import actions
from crmcore.entities.store import Row

_QUERY = """query ($query: String!, $types: [SearchType!], $first: Int, $after: String) {
    search(query: $query, types: $types, first: $first, after: $after) {
        edges { cursor field snippet node { __typename ... on Node { id } } } pageInfo { hasNextPage endCursor } } }"""


class Searcher:
    """Writes records by actions and looks for them by GraphQL; the system itself, unless another actor is named."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    async def act(self, verb: str, entity: str, *args: Any) -> Row:
        """Call one of `crmcore.entities.actions` in a unit of work of its own."""
        return await self.crm.run(Actor.system(), lambda work: getattr(actions, verb)(work, entity, *args))

    async def customer(self, name: str, **values: Any) -> UUID:
        """Make a person."""
        made = await self.act("create", "customer", {"kind": "PERSON", "display_name": name, **values})
        return made["id"]  # type: ignore[no-any-return]

    async def answer(self, query: str, actor: Actor | None = None, **variables: Any) -> dict[str, Any]:
        """Return the whole answer."""
        return await self.crm.execute(_QUERY, {"query": query, **variables}, actor=actor or Actor.system())

    async def edges(self, query: str, actor: Actor | None = None, **variables: Any) -> list[Mapping[str, Any]]:
        """Return the edges of an answer without errors."""
        answer = await self.answer(query, actor, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["search"]["edges"]  # type: ignore[no-any-return]

    async def found(self, query: str, actor: Actor | None = None, **variables: Any) -> list[UUID]:
        """Return the ids of what is found, in order."""
        return [ids.split(edge["node"]["id"])[1] for edge in await self.edges(query, actor, **variables)]


@pytest.fixture
def searcher(crm: Crm) -> Searcher:
    """Somebody who looks for records of a CRM as it is right after its installation."""
    return Searcher(crm)
