"""The feed, asked for by clients: what it tells is opened for those who are shown it, and noted as a reading of theirs alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crmcore import ids
from crmcore.graphql.plain import route
from crmcore.testing.crm import TestCrm
from tests.graphql.scene import Scene
from tests.graphql.sealing.conftest import TOY


@pytest.fixture(params=["function", "executor"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether graphql-core's executor answers, as where plugins have plain fields below."""
    if request.param == "executor":
        monkeypatch.setattr(route, "_is_straight", lambda *_given: False)
    return str(request.param)


@pytest.fixture
async def scene(crm: TestCrm) -> Scene:
    """Two customers."""
    scene = await Scene(crm).set_up()
    scene.people = [await scene.create("customer", kind="PERSON", given_name=name) for name in ("Ana", "Bob")]  # type: ignore[attr-defined]
    return scene


async def _read(scene: Scene, text: str) -> tuple[Any, set[UUID]]:
    """Ask; return the answer, and which records were read by that."""
    seal = TOY.seals["customer"]
    seal.opened.clear()
    shown = await scene.ask(text)
    read = [cells for cells, reading in seal.opened if reading is not None]
    return shown, {cell.id for cells in read for cell in cells}


@pytest.mark.parametrize("root", ["changes(first: 50, types: [CUSTOMER_CREATED])", "history(id: {id})"])
async def test_who_is_not_shown_what_it_tells_reads_nothing(scene: Scene, way: str, root: str) -> None:
    """That something happened to a record is no value of it."""
    ana = scene.people[0]["id"]  # type: ignore[attr-defined]
    root = root.replace("{id}", f'"{ids.encode("customer", ana)}"')
    shown, read = await _read(scene, f"{{ {root} {{ nodes {{ type recordId at actor {{ label }} }} }} }}")
    assert "CUSTOMER_CREATED" in str(shown)
    assert set() == read
    text = (
        f"{{ {root} {{ edges {{ node {{ ...Told }} }} }} }} fragment Told on Change {{ told: fields {{ name after }} }}"
    )
    shown, read = await _read(scene, text)
    assert "Ana" in str(shown)
    assert ana in read


async def test_what_is_beyond_the_page_is_not_read(scene: Scene, way: str) -> None:
    """Though more is looked at on the way to what one may read."""
    ana, bob = (each["id"] for each in scene.people)  # type: ignore[attr-defined]
    text = "{ changes(first: 1, types: [CUSTOMER_CREATED]) { nodes { fields { name after } } } }"
    shown, read = await _read(scene, text)
    assert "Ana" in str(shown)
    assert {ana} == read
    assert bob not in read
