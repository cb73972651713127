"""Links: what they lead to is looked for together, and said one by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from crmcore.database import ids
from crmcore.entities import actions
from crmcore.errors import Invalid
from tests.entities.conftest import Open

Person = Callable[[str], Awaitable[UUID]]


async def test_all_links_of_a_record_are_one_statement(open_work: Open, person: Person) -> None:
    """However many there are; the second record that links to the same asks nothing."""
    ada, bob = await person("Ada"), await person("Bob")
    asked = []
    async with open_work() as work:
        for name in ("first", "second"):
            before = work.database.watch.statements
            await actions.create(work, "gadget", {"name": name, "owner_id": ada, "team_id": bob})
            asked.append(work.database.watch.statements - before)
    assert 1 == asked[0] - asked[1]


async def test_each_link_that_leads_nowhere_is_named(open_work: Open, person: Person) -> None:
    """In the order of the columns; one that is right is not."""
    ada, nobody = await person("Ada"), ids.new()
    refused = []
    for values in ({"owner_id": nobody, "team_id": nobody}, {"owner_id": ada, "team_id": nobody}):
        with pytest.raises(Invalid) as caught:
            async with open_work() as work:
                await actions.create(work, "gadget", {"name": "lamp", **values})
        refused.append([v.path for v in caught.value.violations])
    assert [["ownerId", "teamId"], ["teamId"]] == refused
