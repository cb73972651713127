"""A CRM whose customers, contact points and addresses have sealed values of every kind, and one in which nothing is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from crmcore import Added, fields, hookimpl, kinds
from crmcore.database import ids
from crmcore.testing.crm import TestCrm
from tests.plugins.with_sealing import Toy

#: So many records a list may have that is ordered by a sealed field.
SORTABLE = 6

TOY = Toy(
    *("customer.display_name", "customer.given_name", "customer.family_name", "customer.gender", "customer.birth_date"),
    *("customer.custom_fields", "contact_point.value", "address.latitude"),
    sortable=SORTABLE,
)


class Greeting:
    """A plugin with a field that Python computes of sealed columns."""

    plugin_name = "greeting"

    @hookimpl
    def crm_fields(self) -> Iterable[Added]:
        """Add `greeting`."""
        needed = ("given_name", "birth_date")
        return [Added("customer", fields.Computed("greeting", "A greeting.", kinds.TEXT, needed, _greetings))]


async def _greetings(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [f"{row['given_name']}, {row['birth_date'].year if row['birth_date'] else '?'}" for row in rows]


GREETING = Greeting()


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The toy that seals, and the greeting."""
    return (TOY, GREETING)


@pytest.fixture(autouse=True)
def toy() -> Toy:
    """The toy, with all keys and nothing opened."""
    TOY.destroyed.clear()
    for seal in TOY.seals.values():
        seal.plain = seal.within = False
        seal.beside = ()
        seal.held.clear()
        seal.opened.clear()
        seal.shown.clear()
    return TOY


def key(id: UUID, entity: str = "customer") -> str:
    """Return an id as clients have it."""
    return ids.encode(entity, id)


class People:
    """Three customers with sealed values, and who they are by name."""

    def __init__(self, crm: TestCrm) -> None:
        self.crm = crm
        self.ids: dict[str, UUID] = {}

    async def add(self, given: str, family: str | None = None, **values: Any) -> UUID:
        """Make a customer."""
        row = await self.crm.make("customer", kind="PERSON", given_name=given, family_name=family, **values)
        self.ids[given] = row["id"]
        return self.ids[given]

    async def ask(self, text: str, variables: dict[str, Any] | None = None, **more: Any) -> Any:
        """Return the data of an answer without errors."""
        answer = await self.crm.execute(text, variables, **more)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refusal(self, text: str, variables: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Return the only error of an answer: its message, and the code of its violation."""
        (error,) = (await self.crm.execute(text, variables, **more))["errors"]
        violations = error.get("extensions", {}).get("violations", [{}])
        return {"message": error["message"], "code": violations[0].get("code"), "path": error.get("path")}


@pytest.fixture
async def people(crm: TestCrm) -> People:
    """Ana, Bob and 李, who has neither family name, gender nor birthday."""
    made = People(crm)
    await made.add("Ana", "Sousa", gender="FEMALE", birth_date=date(1984, 5, 6))
    await made.add("Bob", "sousa", gender="MALE", birth_date=date(1990, 1, 2))
    await made.add("李")
    for seal in TOY.seals.values():
        seal.opened.clear()
        seal.shown.clear()
    return made
