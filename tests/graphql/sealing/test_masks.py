"""Masked fields: shown by the mask of what they hold, sealed or not, wherever records are shown."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from typing import Any

import pytest

from crmcore.access.actor import Actor, Effect, Scope
from crmcore.interchange.exports.run import export
from crmcore.testing.crm import TestCrm
from tests.graphql.scene import Scene
from tests.graphql.sealing.conftest import TOY, key

_MASKED = ("displayName", "givenName", "salutation", "birthDate", "gender", "jobTitle")
_SELECTED = " ".join(_MASKED)
_SHOWN = {
    # Sealed: two names, a date of which the year is left, a choice of which nothing is.
    "displayName": "A***",
    "givenName": "A***",
    "birthDate": "1984-01-01",
    "gender": None,
    # Not sealed.
    "salutation": "D***",
    "jobTitle": "E•••",
}


@pytest.fixture
async def scene(crm: TestCrm) -> Scene:
    """Dr. Ana Sousa, and who may see her in part."""
    scene = await Scene(crm).set_up()
    names = {"given_name": "Ana", "family_name": "Sousa", "salutation": "Dr.", "job_title": "Engineer"}
    scene.row = await scene.create(  # type: ignore[attr-defined]
        "customer", kind="PERSON", gender="FEMALE", birth_date=date(1984, 5, 6), owner_id=scene.ana, **names
    )
    return scene


def _reader(scene: Scene, **more: Scope) -> Actor:
    scopes = {"customer:read": Scope.ALL, **{f"customer:{name}": scope for name, scope in more.items()}}
    return scene.actor(scopes, {("customer", name): Effect.MASKED for name in _MASKED})


async def test_a_list_shows_what_masks_leave(scene: Scene) -> None:
    """Sealed values are opened for it, and never leave the server whole."""
    shown = await scene.ask(f"{{ customers {{ nodes {{ {_SELECTED} familyName }} }} }}", by=_reader(scene))
    assert [{**_SHOWN, "familyName": "Sousa"}] == shown["customers"]["nodes"]


async def test_what_is_erased_is_not_masked(scene: Scene) -> None:
    """There is nothing to hide."""
    TOY.destroyed.add(scene.row["id"])  # type: ignore[attr-defined]
    shown = await scene.ask("{ customers { nodes { givenName salutation birthDate } } }", by=_reader(scene))
    assert [{"givenName": "«erased»", "salutation": "D***", "birthDate": None}] == shown["customers"]["nodes"]


async def test_the_change_feed_shows_what_masks_leave(scene: Scene) -> None:
    """Of the record as it was and as it is; nothing of a choice."""
    text = "{ changes(first: 50) { nodes { type fields { name before after } } } }"
    changes = (await scene.ask(text, by=_reader(scene)))["changes"]["nodes"]
    (fields,) = [change["fields"] for change in changes if change["type"] == "CUSTOMER_CREATED"]
    after = {field["name"]: field["after"] for field in fields}
    known: dict[str, Any] = {name: value for name, value in _SHOWN.items() if name != "gender"}
    assert known == {name: after.get(name) for name in known}
    assert "gender" not in after


async def test_an_export_holds_what_masks_leave(scene: Scene) -> None:
    """Where it is asked for by name."""
    target = io.BytesIO()
    fields = ["givenName", "birthDate", "jobTitle"]
    await export(scene.crm, "customer", target, actor=_reader(scene, export=Scope.ALL), fields=fields)
    assert "givenName,birthDate,jobTitle\r\nA***,1984-01-01,E•••\r\n" == target.getvalue().decode()


async def test_a_subscription_shows_what_masks_leave(scene: Scene) -> None:
    """The record of an event is read for whoever follows it."""
    crm = scene.crm
    text = (
        f"subscription ($id: ID!) {{ customerChanged(id: $id) {{ record {{ ... on Customer {{ {_SELECTED} }} }} }} }}"
    )
    end, id = await scene.end(), scene.row["id"]  # type: ignore[attr-defined]
    await scene.update("customer", id, department="x")
    answers = crm.subscribe(text, {"id": key(id)}, actor=_reader(scene), after=end)
    assert {"data": {"customerChanged": {"record": _SHOWN}}} == await asyncio.wait_for(anext(answers), 20)
    await answers.aclose()  # type: ignore[attr-defined]
