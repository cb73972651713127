"""What people ask about themselves, on the whole CRM."""

from __future__ import annotations

from typing import Any

from crmcore.access.accounts import create_user, load_actor
from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.entities import actions

EXPLAIN = "query ($id: ID!, $a: AccessAction!, $u: ID) { explainAccess(id: $id, action: $a, userId: $u) { allowed rule sentences } }"


async def _person(crm: Crm, name: str, *roles: str) -> Actor:
    user = await crm.run(Actor.system(), lambda work: create_user(work, name=name, roles=roles))
    return await load_actor(crm.database, crm.entities, user["id"])


async def _customer(crm: Crm) -> str:
    row = await crm.run(
        Actor.system(), lambda w: actions.create(w, "customer", {"kind": "ORGANIZATION", "display_name": "Ltd"})
    )
    return ids.encode("customer", row["id"])


async def _explained(crm: Crm, actor: Actor, **asked: Any) -> dict[str, Any]:
    return await crm.execute(EXPLAIN, asked, actor=actor)


async def test_me(crm: Crm) -> None:
    """Everybody sees themselves, whatever their roles."""
    ana = await _person(crm, "Ana")
    assert {"data": {"me": {"id": ana.id, "name": "Ana"}}} == await crm.execute("{ me { id name } }", actor=ana)


async def test_nobody(crm: Crm) -> None:
    """The CRM itself is no user."""
    assert {"data": {"me": None}} == await crm.execute("{ me { id } }", actor=Actor.system())


async def test_explain_access_to_oneself(crm: Crm) -> None:
    """One learns which rule decides about oneself."""
    ana, customer = await _person(crm, "Ana", "viewer"), await _customer(crm)
    read = await _explained(crm, ana, id=customer, a="READ")
    destroy = await _explained(crm, ana, id=customer, a="DESTROY")
    assert (True, False) == (read["data"]["explainAccess"]["allowed"], destroy["data"]["explainAccess"]["allowed"])
    assert read["data"]["explainAccess"]["sentences"]


async def test_explain_access_of_others(crm: Crm) -> None:
    """About others one learns with the permission to manage access only."""
    ana, bob, admin = await _person(crm, "Ana"), await _person(crm, "Bob", "viewer"), await _person(crm, "Eve", "admin")
    customer = await _customer(crm)
    refused = await _explained(crm, ana, id=customer, a="READ", u=bob.id)
    assert "FORBIDDEN" == refused["errors"][0]["extensions"]["code"]
    told = await _explained(crm, admin, id=customer, a="READ", u=bob.id)
    assert told["data"]["explainAccess"]["allowed"]
    assert (await _explained(crm, ana, id=customer, a="READ", u=ana.id))["data"]["explainAccess"]["allowed"] is False


async def test_wrong_ids(crm: Crm) -> None:
    """What is no id, or names a type there is not, is refused."""
    for wrong in ("x", "nope_01900000-0000-7000-8000-000000000000"):
        answer = await _explained(crm, Actor.system(), id=wrong, a="READ")
        assert "VALIDATION" == answer["errors"][0]["extensions"]["code"]


async def test_tokens(crm: Crm) -> None:
    """One sees one's tokens without their secrets; others' only with the permission."""
    ana, bob = await _person(crm, "Ana"), await _person(crm, "Bob")
    text = 'mutation { issueToken(label: "Shop", scopes: ["customer:read"]) { ... on IssuedToken { id secret } } }'
    issued = (await crm.execute(text, actor=ana))["data"]["issueToken"]
    listed = await crm.execute("{ tokens { id label scopes createdAt revokedAt } }", actor=ana)
    (token,) = listed["data"]["tokens"]
    assert (issued["id"], "Shop", ["customer:read"], None) == (
        token["id"],
        token["label"],
        token["scopes"],
        token["revokedAt"],
    )
    assert token["createdAt"].endswith("Z")
    assert issued["secret"]
    answer = await crm.execute("query ($id: ID) { tokens(userId: $id) { id } }", {"id": ana.id}, actor=bob)
    assert "FORBIDDEN" == answer["errors"][0]["extensions"]["code"]
