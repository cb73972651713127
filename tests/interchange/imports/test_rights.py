"""An import may do what the person who runs it may do, and nothing more."""

from __future__ import annotations

from uuid import UUID

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Effect, Scope
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import SetupError
from tests.interchange.conftest import Bring, Count

_MAPPING = """
title = "Companies"
[[records]]
entity = "customer"
external = { system = "old", id = "name" }
values = { kind = "ORGANIZATION" }
fields.legalName = "name"
fields.industry = "industry"
fields.parentId = { column = "parent", find = "customer", by = "displayName" }
"""


@pytest.fixture
async def somebody(crm: Crm) -> UUID:
    """A user."""
    return UUID(str((await crm.run(Actor.system(), lambda work: actions.create(work, "user", {"name": "Sam"})))["id"]))


def _actor(user: UUID, effects: dict[tuple[str, str], Effect] | None = None, **scopes: Scope) -> Actor:
    access = Access(scopes={f"customer:{action}": scope for action, scope in scopes.items()}, effects=effects or {})
    return Actor(ActorType.USER, f"user_{user}", "Sam", user_id=user, access=access)


async def _company(crm: Crm, name: str, owner: UUID | None = None) -> None:
    async def unit(work: Work) -> None:
        values = {"kind": "ORGANIZATION", "legal_name": name, "owner_id": owner}
        made = await actions.create(work, "customer", values)
        known = {"system": "old", "external_id": name, "record_id": made["id"], "record_type": "customer"}
        await actions.create(work, "external_id", known)

    await crm.run(Actor.system(), unit)


async def test_who_may_not_create_imports_nothing(bring: Bring, count: Count, somebody: UUID) -> None:
    """Each row is refused, with the reason."""
    report = await bring(_MAPPING, "name,industry,parent\nA,retail,\n", actor=_actor(somebody, read=Scope.ALL))
    assert (1, "FORBIDDEN") == (report.refused, report.first_refusals[0].code)
    assert 0 == await count("customer")


async def test_records_out_of_reach_stay_as_they_are(crm: Crm, bring: Bring, somebody: UUID) -> None:
    """A record that is another's is neither changed nor doubled nor called unchanged."""
    await _company(crm, "A")
    own = _actor(somebody, read=Scope.OWN, create=Scope.OWN, update=Scope.OWN)
    for industry in ("retail", ""):
        report = await bring(_MAPPING, f"name,industry,parent\nA,{industry},\n", actor=own)
        assert (1, 0) == (report.refused, report.records["customer"].unchanged)
    assert [(1, None)] == await crm.database.fetch("select version, industry from customer")


async def test_what_may_not_be_seen_is_not_found(crm: Crm, bring: Bring, somebody: UUID) -> None:
    """A look-up obeys the row rules of the one who imports, and does not tell the hidden from the absent."""
    await _company(crm, "Hidden")
    await _company(crm, "Mine", somebody)
    own = _actor(somebody, read=Scope.OWN, create=Scope.ALL, update=Scope.OWN)
    report = await bring(_MAPPING, "name,industry,parent\nA,,Mine\nB,,Hidden\nC,,Absent\n", actor=own)
    assert 1 == report.records["customer"].created, report.first_refusals
    hidden, absent = (row.reason for row in report.first_refusals)
    assert hidden == absent.replace("Absent", "Hidden")


@pytest.mark.parametrize("effect", list(Effect))
async def test_fields_under_a_rule_are_refused_before_anything_is_read(
    bring: Bring, somebody: UUID, effect: Effect
) -> None:
    """Otherwise "unchanged" would tell what a hidden field holds."""
    actor = _actor(somebody, {("customer", "industry"): effect}, read=Scope.ALL, create=Scope.ALL, update=Scope.ALL)
    with pytest.raises(SetupError, match=r"Customer\.industry, which your role makes"):
        await bring(_MAPPING, "name,industry,parent\nA,retail,\n", actor=actor)
