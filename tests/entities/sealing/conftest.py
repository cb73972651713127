"""A CRM that seals columns of every kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crmcore import Crm, Row, actions
from crmcore.access.actor import Actor
from crmcore.entities.work import Work
from tests.plugins.with_sealing import Toy

TOY = Toy(
    *(
        "customer.display_name",
        "customer.given_name",
        "customer.gender",
        "customer.birth_date",
        "customer.custom_fields",
    ),
    *("contact_point.value", "contact_point.normalized", "address.lines", "address.latitude", "address.longitude"),
    *("interaction.subject", "interaction.body", "customer_relation.role"),
    interaction="deal_id",
)

ANA = {"kind": "PERSON", "given_name": "Ana", "family_name": "Sousa", "gender": "FEMALE"}


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The toy."""
    return (TOY,)


async def stored(crm: Crm, table: str, column: str) -> list[str | None]:
    """Return what a column really holds, as a text, the oldest record first."""
    rows = await crm.database.fetch(f"select cast({column} as text) from {table} order by id")
    return [value for (value,) in rows]


async def customer(crm: Crm, **values: object) -> Row:
    """Make a customer; custom fields are written by the server, since none are defined."""

    async def make(work: Work) -> Row:
        custom = values.pop("custom_fields", None)
        made = await actions.create(work, "customer", {**ANA, **values})
        if custom is not None:
            await work.change("customer", made["id"], {"custom_fields": custom})
        return {**made, "custom_fields": custom}

    return await crm.run(Actor.system("tests"), make)
