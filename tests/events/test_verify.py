"""Is the feed whole? Everything that could be wrong with it is found."""

from __future__ import annotations

from uuid import UUID

import pytest

from crmcore import Actor, Crm, Work, actions
from crmcore.events.verify import verify

SYSTEM = Actor.system()


@pytest.fixture
async def team_id(crm: Crm) -> UUID:
    """A team with three versions, and another that was destroyed."""

    async def unit(work: Work) -> UUID:
        row = await actions.create(work, "team", {"name": "Sales"})
        await actions.update(work, "team", row["id"], {"name": "Service"})
        await actions.delete(work, "team", row["id"])
        other = await actions.create(work, "team", {"name": "Gone"})
        await actions.destroy(work, "team", other["id"])
        id: UUID = row["id"]
        return id

    return await crm.run(SYSTEM, unit)


async def problems(crm: Crm) -> str:
    """What is found, without what differs from run to run."""
    return "\n".join((await verify(crm)).problems)


async def test_a_whole_feed_is_found_whole(crm: Crm, team_id: UUID) -> None:
    """Nothing is wrong with what actions wrote; records without events are nobody's concern."""
    await crm.database.execute("delete from crm_event where entity = 'role'")

    verdict = await verify(crm)

    assert [] == verdict.problems
    assert verdict.events > verdict.records > 2


async def test_an_event_that_is_missing_is_found(crm: Crm, team_id: UUID) -> None:
    """Between two others, and at the end."""
    await crm.database.execute("delete from crm_event where record_id = $1 and type = 'team.updated'", team_id)
    between = await problems(crm)
    await crm.database.execute("delete from crm_event where record_id = $1 and type = 'team.deleted'", team_id)
    at_the_end = await problems(crm)

    assert "brings version 3 where 2 was to come" in between
    assert f"team_{team_id} is at version 3, and the feed knows of nothing after version 1." == at_the_end


async def test_an_event_that_is_there_twice_is_found(crm: Crm, team_id: UUID) -> None:
    """A second creation of the same record."""
    await crm.database.execute("update crm_event set type = 'team.created' where type = 'team.updated'")

    assert "says that the record was made, which had version 1 already" in await problems(crm)


async def test_an_event_that_cannot_be_read_is_found(crm: Crm, team_id: UUID) -> None:
    """Its type is not declared, or its text is no JSON."""
    await crm.database.execute("update crm_event set row = '{' where type = 'team.destroyed'")

    assert "(team.destroyed of team_" in await problems(crm)
