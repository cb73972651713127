"""Who may read an interaction: visibility narrows what roles reach, on every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.errors import NotFound
from tests.customers.desk import Desk

_ALL = Access(
    scopes={f"{entity}:{action}": Scope.ALL for entity in ("interaction", "customer") for action in ("read", "update")}
)


@dataclass(frozen=True)
class Office:
    """An interaction of each visibility, and five colleagues."""

    crm: Crm
    desk: Desk
    rows: dict[str, Row]
    people: dict[str, Actor]

    async def seen(self, who: str, text: str) -> Any:
        """Ask as somebody."""
        return (await self.crm.execute(text, actor=self.people[who]))["data"]


def _actor(user: UUID, team: UUID | None = None, access: Access = _ALL) -> Actor:
    teams = () if team is None else (team,)
    id = ids.encode("user", user)
    return Actor(ActorType.USER, id, "Colleague", user_id=user, team_ids=teams, access=access)


@pytest.fixture
async def office(crm: Crm, desk: Desk) -> Office:
    """Owner, assignee, participant, team mate, and somebody else; the roles of all reach every interaction."""
    names = ("owner", "assignee", "participant", "mate", "other")
    users = {name: (await desk.create("user", name=name))["id"] for name in names}
    team, customer = (await desk.create("team", name="North"))["id"], (await desk.person())["id"]
    whose = {"owner_id": users["owner"], "assignee_id": users["assignee"], "team_id": team, "customer_id": customer}
    rows = {}
    for name in ("PRIVATE", "PARTICIPANTS", "TEAM", "ALL"):
        rows[name] = await desk.create("interaction", kind="NOTE", subject=name, visibility=name, **whose)
        part = {"interaction_id": rows[name]["id"], "user_id": users["participant"], "raw_address": name}
        await desk.create("interaction_participant", **part)
    return Office(crm, desk, rows, {n: _actor(user, team if n == "mate" else None) for n, user in users.items()})


REACH = pytest.mark.parametrize(
    ("who", "reach"),
    [
        ("owner", {"PRIVATE", "PARTICIPANTS", "TEAM", "ALL"}),
        ("assignee", {"PRIVATE", "PARTICIPANTS", "TEAM", "ALL"}),
        ("participant", {"PARTICIPANTS", "TEAM", "ALL"}),
        ("mate", {"TEAM", "ALL"}),
        ("other", {"ALL"}),
    ],
)


@REACH
async def test_lists_show_what_may_be_read(office: Office, who: str, reach: set[str]) -> None:
    """In a list, in its count, and below a customer."""
    below = "customers { nodes { interactions { nodes { subject } } } }"
    data = await office.seen(who, f"{{ interactions {{ totalCount nodes {{ subject }} }} {below} }}")
    assert reach == {node["subject"] for node in data["interactions"]["nodes"]}
    assert len(reach) == data["interactions"]["totalCount"]
    assert reach == {node["subject"] for node in data["customers"]["nodes"][0]["interactions"]["nodes"]}


@REACH
async def test_participants_are_seen_with_their_interaction(office: Office, who: str, reach: set[str]) -> None:
    """Who took part in what one may not read stays unknown too."""
    data = await office.seen(who, "{ interactionParticipants { nodes { rawAddress } } }")
    assert reach == {node["rawAddress"] for node in data["interactionParticipants"]["nodes"]}


@REACH
async def test_one_by_one_likewise(office: Office, who: str, reach: set[str]) -> None:
    """By id, by node, and for writing."""
    for visibility, row in office.rows.items():
        id = ids.encode("interaction", row["id"])
        data = await office.seen(who, f'{{ interaction(id: "{id}") {{ subject }} node(id: "{id}") {{ id }} }}')
        assert (visibility in reach) == (data["interaction"] is not None) == (data["node"] is not None)
        change = ("interaction", row["id"], {"outcome": who})
        if visibility in reach:
            await office.desk.do(actions.update, *change, by=office.people[who])
        else:
            assert isinstance(await office.desk.refusal(actions.update, *change, by=office.people[who]), NotFound)


async def test_it_narrows_and_never_widens(office: Office) -> None:
    """An interaction for all is still out of reach for whoever's role does not reach it."""
    user = office.people["other"].user_id
    assert user is not None
    office.people["other"] = _actor(user, access=Access(scopes={"interaction:read": Scope.OWN}))
    assert 0 == (await office.seen("other", "{ interactions { totalCount } }"))["interactions"]["totalCount"]
