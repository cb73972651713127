"""Events of an import are told once it is committed, for what changed and for nothing else."""

from __future__ import annotations

import pytest

from crmcore.app import Crm
from crmcore.events import Event
from tests.interchange.conftest import Bring

_MAPPING = """
title = "Companies"
[[records]]
entity = "customer"
external = { system = "old", id = "name" }
values = { kind = "ORGANIZATION" }
fields = { legalName = "name", taxId = "tax" }
"""


@pytest.fixture
def told(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """The events that handlers inside the transaction get."""
    events: list[Event] = []
    inside = crm.handlers.tell_inside

    async def tell(work: object, event: Event) -> None:
        events.append(event)
        await inside(work, event)  # type: ignore[arg-type]

    monkeypatch.setattr(crm.handlers, "tell_inside", tell)
    return events


async def test_unchanged_rows_tell_nothing(bring: Bring, told: list[Event]) -> None:
    """A second import of the same file is silent."""
    await bring(_MAPPING, "name,tax\nA,1\n")
    assert {"customer", "external_id"} == {e.entity for e in told}
    told.clear()
    await bring(_MAPPING, "name,tax\nA,1\n")
    assert [] == told
    await bring(_MAPPING, "name,tax\nA,2\n")
    assert ["CustomerUpdated"] == [type(e).__name__ for e in told]


async def test_events_say_that_it_was_an_import_and_whose(bring: Bring, told: list[Event]) -> None:
    """The stamp carries the door, the person and the file."""
    await bring(_MAPPING, "name,tax\nA,1\n")
    assert {"type": "IMPORT", "id": None, "label": "test, import of rows.csv"} == dict(told[0].actor)
