"""Whoever works here may ask the API for its schema; other roles get that right by hand."""

from __future__ import annotations

import json

from crmcore.access import state
from crmcore.access.actor import Actor
from crmcore.access.defaults import ensure_default_roles
from crmcore.access.permissions import INTROSPECT
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work

HAVE = """
    select r.key from crm_role_permission p join crm_role r on r.id = p.role_id
    where p.permission = $1 and p.deleted_at is null order by r.key
"""


async def have(crm: Crm) -> list[str]:
    """Return the roles that have the permission by name."""
    return [key for (key,) in await crm.database.fetch(HAVE, INTROSPECT)]


async def test_the_default_roles_have_it(crm: Crm) -> None:
    """Administrators have it as they have everything."""
    assert await have(crm) == ["manager", "sales", "viewer"]


async def test_what_was_taken_from_a_role_stays_taken(crm: Crm) -> None:
    """Starting again gives it to nobody; a CRM that is older than the permission gives it once."""
    for id, _ in await crm.database.fetch("select id, permission from crm_role_permission"):
        await crm.database.execute("delete from crm_role_permission where id = $1 and permission = $2", id, INTROSPECT)
    await crm.run(Actor.system(), ensure_default_roles)
    after_a_start = await have(crm)
    offered = json.loads(await crm.database.fetch_value("select offered from crm_access_state"))
    older = json.dumps([name for name in offered if name != INTROSPECT])
    await crm.database.execute("update crm_access_state set offered = $2 where id = $1", state.ROW, older)
    await crm.run(Actor.system(), ensure_default_roles)
    assert (after_a_start, await have(crm)) == ([], ["manager", "sales", "viewer"])


async def test_another_role_is_given_it_as_any_permission(crm: Crm) -> None:
    """A role made by hand lacks it until then."""

    async def unit(work: Work) -> None:
        role = await actions.create(work, "role", {"key": "portal", "name": "Portal"})
        given = {"role_id": role["id"], "permission": INTROSPECT, "scope": "ALL"}
        await actions.create(work, "role_permission", given)

    await crm.run(Actor.system(), unit)
    assert await have(crm) == ["manager", "portal", "sales", "viewer"]
