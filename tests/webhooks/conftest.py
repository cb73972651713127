"""A CRM with a receiver on this machine, and what tests do with both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import pytest

from crmcore import Crm, ids
from crmcore.access import accounts, tokens
from crmcore.access.actor import Actor
from crmcore.access.authenticate import authenticate
from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.webhooks.dispatcher import Dispatcher
from tests.webhooks.receiver import Receiver, receiving

CREATE = """
mutation Create($url: String!, $eventTypes: [String!]!, $filter: JSON, $ordered: Boolean, $roleId: ID, $atOnce: Int) {
  createWebhookEndpoint(url: $url, eventTypes: $eventTypes, filter: $filter, ordered: $ordered, roleId: $roleId, atOnce: $atOnce) {
    ... on NewWebhookSecret { endpoint { id url enabled } secret }
    ... on Problem { code message violations { path code message } }
  }
}
"""


@dataclass
class Hooks:
    """Webhooks of one CRM.

    Attributes:

        crm: the CRM.
        receiver: where messages arrive.
        admin: somebody who may do everything.
    """

    crm: Crm
    receiver: Receiver
    admin: Actor = field(default_factory=Actor.system)

    async def user(self, name: str, *roles: str) -> Actor:
        """Make a person with roles."""
        row = await self.do(accounts.create_user, name=name, roles=roles)
        return await accounts.load_actor(self.crm.database, self.crm.entities, row["id"])

    async def role(self, key: str, permissions: dict[str, str], rules: dict[str, str] | None = None) -> UUID:
        """Make a role of permissions (`{"customer:read": "OWN"}`) and field rules (`{"customer.notes": "HIDDEN"}`)."""
        role = await self.do(actions.create, "role", {"key": key, "name": key.title()})
        for permission, scope in permissions.items():
            values = {"role_id": role["id"], "permission": permission, "scope": scope}
            await self.do(actions.create, "role_permission", values)
        for where, effect in (rules or {}).items():
            entity, name = where.split(".")
            values = {"role_id": role["id"], "entity": entity, "field": name, "effect": effect}
            await self.do(actions.create, "field_rule", values)
        return UUID(str(role["id"]))

    async def do(self, function: Any, *args: Any, by: Actor | None = None, **kwargs: Any) -> Any:
        """Call a function of a `Work` in a transaction, as the system or as somebody."""

        async def unit(work: Work) -> Any:
            return await function(work, *args, **kwargs)

        return await self.crm.run(by or Actor.system(), unit)

    async def ask(self, text: str, by: Actor | None = None, **variables: Any) -> Any:
        """Ask by GraphQL; return the only root field."""
        answer = await self.crm.execute(text, variables, actor=by or self.admin)
        assert "errors" not in answer, answer["errors"]
        (root,) = answer["data"].values()
        return root

    async def refused(self, by: Actor | None = None, **variables: Any) -> Any:
        """Try to make an endpoint; return the problem."""
        made = await self.ask(CREATE, by, **{"url": self.receiver.url, "eventTypes": ["*"]} | variables)
        return made["violations"][0]["code"] if made["violations"] else made["code"]

    async def endpoint(self, *event_types: str, by: Actor | None = None, **variables: Any) -> tuple[UUID, str]:
        """Make an endpoint that leads to the receiver; return its id and its secret."""
        given = {"url": self.receiver.url, "eventTypes": list(event_types)} | variables
        made = await self.ask(CREATE, by, **given)
        assert "secret" in made, made
        return ids.parse(made["endpoint"]["id"], "webhook_endpoint"), made["secret"]

    async def customer(self, name: str, by: Actor | None = None, **values: Any) -> Row:
        """Make a customer."""
        row: Row = await self.do(actions.create, "customer", {"kind": "PERSON", "display_name": name, **values}, by=by)
        return row

    async def token(self, *scopes: str) -> Actor:
        """Return the administrator, acting with a token that is limited."""
        made = await self.do(tokens.issue, self.admin.user_id, "test", scopes)
        return await authenticate(self.crm, f"Bearer {made.secret}", None)

    async def put(self) -> int:
        """Put the deliveries of all that has happened so far."""
        return (await Dispatcher(self.crm).round()).put

    async def deliver(self) -> list[Any]:
        """Put and make all deliveries that are due; return the bodies that have arrived since the last time."""
        before = len(self.receiver.messages)
        await self.put()
        await self.crm.jobs.run_due()
        return [msgspec.json.decode(message.body) for message in self.receiver.messages[before:]]

    async def deliveries(self) -> list[Row]:
        """Return the log, the oldest first."""
        return await self.crm.database.fetch_dicts("select * from crm_webhook_delivery order by id")

    async def seen(self, endpoint_id: UUID) -> Row:
        """Return an endpoint's row."""
        rows = await self.crm.database.fetch_dicts("select * from crm_webhook_endpoint where id = $1", endpoint_id)
        return rows[0]


@pytest.fixture
async def hooks(crm: Crm) -> AsyncIterator[Hooks]:
    """A CRM as it is right after its installation, an administrator, and a receiver."""
    async with receiving() as receiver:
        made = Hooks(crm, receiver)
        made.admin = await made.user("Ada", "admin")
        yield made


#: The receiver is on this machine, and what failed is tried again when a test says so.
LOCAL = {"allowed_networks": ["127.0.0.0/8"], "plain_http": True, "timeout": 2.0}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the CRMs of these tests reach this machine."""
    for item in items:
        if "tests/webhooks/" in str(item.path) and item.get_closest_marker("crm_settings") is None:
            item.add_marker(pytest.mark.crm_settings(plugins={"webhooks": LOCAL}))
