"""Records that are read again: shown without cryptography, and never after their key is gone."""

from __future__ import annotations

from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from crmcore_compliance.keys import Keyring, cache
from crmcore_compliance.keys.opened import Opened, Remembered
from crmcore_compliance.sealing import entity_seal, memory
from crmcore_compliance.state import Compliance
from sealed_acts import create

from crmcore import Actor, ActorType, Scope, ids
from crmcore.access.actor import Access, Effect
from crmcore.graphql.planner.sealed import batch
from crmcore.testing import TestCrm

PAGE = "{ customers { nodes { familyName displayName } } }"


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Names."""
    return ("customer.displayName", "customer.familyName")


@pytest.fixture(autouse=True)
def however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few values as tests have are opened sooner than remembered."""
    monkeypatch.setattr(batch, "_FEW", 0)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many values were opened by each call."""
    calls: list[int] = []

    def counting(opens: Any) -> Any:
        def counted(cells: Any, *given: Any, **said: Any) -> Any:
            if (found := opens(cells, *given, **said)) is not None:
                calls.append(len(cells))
            return found

        return counted

    for opens in ("open_cells", "open_at_hand"):
        monkeypatch.setattr(entity_seal, opens, counting(getattr(entity_seal, opens)))
    return calls


async def _ana(crm: TestCrm) -> UUID:
    row = await create(crm, "customer", kind="PERSON", given_name="Ana", family_name="Sousa")
    id: UUID = row["id"]
    return id


async def _page(crm: TestCrm) -> list[Any]:
    answer = await crm.execute(PAGE)
    assert "errors" not in answer, answer
    nodes: list[Any] = answer["data"]["customers"]["nodes"]
    return nodes


async def test_what_was_opened_is_shown_again(crm: TestCrm, opened: list[int]) -> None:
    """The second page decrypts nothing; after a change the changed record alone is opened."""
    id = await _ana(crm)
    await create(crm, "customer", kind="PERSON", given_name="Bob", family_name="Adams")
    first = await _page(crm)
    opened.clear()

    assert first == await _page(crm)
    assert opened == []

    await crm.execute(
        'mutation ($id: ID!) { updateCustomer(id: $id, data: {familyName: "Silva"}) { __typename } }',
        {"id": ids.encode("customer", id)},
    )
    opened.clear()
    assert {"Silva", "Adams"} == {node["familyName"] for node in await _page(crm)}
    assert opened == [2]


async def test_nothing_is_shown_of_whom_somebody_else_erased(crm: TestCrm, compliance: Compliance) -> None:
    """Another process destroys the key: a second later nothing is remembered here."""
    id = await _ana(crm)
    await _page(crm)
    assert len(compliance.keyring.opened) == 1
    other = await Keyring.open(compliance.settings)
    await other.destroy(id)
    await other.close()

    compliance.keyring._cache._fresh = 0.0

    assert [{"familyName": "«erased»", "displayName": "«erased»"}] == await _page(crm)
    assert len(compliance.keyring.opened) == 0


async def test_an_erasure_leaves_nothing_in_memory(crm: TestCrm, compliance: Compliance) -> None:
    """At once, in the process in which the key is destroyed."""
    id = await _ana(crm)
    await _page(crm)

    await compliance.keyring.destroy(id)

    assert len(compliance.keyring.opened) == 0


async def test_it_goes_with_its_key(crm: TestCrm, opened: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered for longer than a key stays in memory."""
    await _ana(crm)
    await _page(crm)
    opened.clear()
    now = monotonic()
    monkeypatch.setattr(memory, "monotonic", lambda: now + cache.LIFE - 30)
    await _page(crm)
    assert opened == []

    monkeypatch.setattr(memory, "monotonic", lambda: now + cache.LIFE + 30)
    await _page(crm)
    assert opened == [2]


async def test_a_moved_text_is_no_remembered_one(crm: TestCrm) -> None:
    """What stands in another record is refused though both were opened a moment ago."""
    await _ana(crm)
    await create(crm, "customer", kind="PERSON", given_name="Bob", family_name="Adams")
    await _page(crm)
    ana, bob = await crm.database.fetch("select id, family_name from customer order by id")
    await crm.database.execute("update customer set family_name = $1 where id = $2", ana[1], bob[0])

    answer = await crm.execute(PAGE)

    assert answer["errors"]
    assert "Sousa" not in str(answer)


async def test_what_is_remembered_is_shown_as_masked_as_before(crm: TestCrm) -> None:
    """To each as they may see it, whoever asked first."""
    await _ana(crm)
    eve = Actor(
        ActorType.USER,
        "user_eve",
        "Eve",
        access=Access(
            scopes={"customer:read": Scope.ALL},
            effects={("customer", "familyName"): Effect.MASKED},
            permissions=frozenset(),
        ),
    )
    for _ in range(2):
        assert "Sousa" == (await _page(crm))[0]["familyName"]
        masked = await crm.execute(PAGE, as_=eve)
        assert "Sousa" not in str(masked["data"]["customers"]["nodes"][0]["familyName"])


async def test_a_record_that_is_long_as_it_is_selected_is_not_remembered(crm: TestCrm, compliance: Compliance) -> None:
    """The same value under twenty names is twenty values to remember."""
    await create(crm, "customer", kind="PERSON", given_name="Ana", family_name="S" * 150)
    names = " ".join(f"n{number}: familyName" for number in range(20))
    answer = await crm.execute(f"{{ customers {{ nodes {{ {names} }} }} }}")
    assert "S" * 150 == answer["data"]["customers"]["nodes"][0]["n19"]
    assert len(compliance.keyring.opened) == 0


class TestWithout:
    """The setting says that nothing is remembered."""

    @pytest.fixture
    def compliance_settings(self) -> dict[str, Any]:
        """None."""
        return {"opened": 0}

    async def test_all_is_opened_each_time(self, crm: TestCrm, opened: list[int], compliance: Compliance) -> None:
        """As often as it is asked for."""
        await _ana(crm)
        await _page(crm)
        opened.clear()

        await _page(crm)

        assert opened == [2]
        assert len(compliance.keyring.opened) == 0

    def test_nothing_is_put_together_to_be_remembered(self, crm: TestCrm) -> None:
        """Those who put it together are not even told where."""
        seal = crm.entities["customer"].seal
        assert seal is not None
        assert seal.memory(crm.database) is None


def test_the_oldest_make_room() -> None:
    """No more is remembered than the setting says; what several keys opened goes with the first of them."""
    kept = Opened(2)
    for number in (1, 2, 3):
        kept.keep(f"text {number}", Remembered(number, 0.0, (number,)))
    assert kept.get("text 1") is None
    assert kept.get("text 3") is not None

    kept.keep("both", Remembered(4, 0.0, (3, 4)))
    kept.drop(4)
    assert kept.get("both") is None
    kept.drop(3)
    assert len(kept) == 0
