"""Rows that are written together become what they would have become one by one."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.access.actor import Actor, ActorType
from crmcore.entities import lots
from crmcore.entities.work import Work
from crmcore.events import Event
from crmcore.events.codec import Told, encode
from crmcore.interchange.imports.batch import Batch
from crmcore.interchange.imports.load import load_mapping
from crmcore.interchange.imports.reading import Reading, Unit
from crmcore.testing import TestCrm

_MAPPING = """
title = "Everything"

[[setup]]
entity = "pipeline"
key = "KEY"
values = { key = "p", name = "P", currency = "EUR" }
[[setup]]
entity = "stage"
key = "KEY"
values = { key = "new", name = "New", kind = "OPEN", position = 0, probability = 10 }
fields.pipelineId = { record = "pipeline" }
[[setup]]
entity = "stage"
key = "KEY"
values = { key = "won", name = "Won", kind = "WON", position = 1 }
fields.pipelineId = { record = "pipeline" }
[[setup]]
entity = "stage"
key = "KEY"
values = { key = "lost", name = "Lost", kind = "LOST", position = 2 }
fields.pipelineId = { record = "pipeline" }
[[setup]]
entity = "pipeline"
key = "KEY"
values = { key = "p", isActive = true }

[[records]]
entity = "customer"
name = "person"
external = { system = "old", id = "who" }
values = { kind = "PERSON" }
fields.displayName = "name"
fields.birthDate = { column = "born", date = "%d.%m.%Y" }
fields.parentId = { column = "boss", find = "customer", system = "old" }

[[records]]
entity = "contact_point"
needs = ["mail"]
key = ["customerId", "type", "value"]
values = { type = "EMAIL" }
fields.customerId = { record = "person" }
fields.value = "mail"

[[records]]
entity = "interaction"
needs = ["message"]
external = { system = "old", id = { text = "{who}-{crm_line}" } }
values = { kind = "MESSAGE", status = "COMPLETED", channel = "EMAIL", direction = "INBOUND" }
fields.customerId = { record = "person" }
fields.occurredAt = { column = "at", date = "%Y%m%d" }
fields.externalId = "message"

[[records]]
entity = "deal"
needs = ["deal"]
external = { system = "old", id = "deal" }
fields.name = "deal"
fields.customerId = { record = "person" }
fields.amount = { column = "worth", currency = "EUR" }
fields.pipelineId = { record = "pipeline" }
[[records.moves]]
stage = "New"
[[records.moves]]
stage = "Won"
at = { column = "at", date = "%Y%m%d" }
when = { end = "won" }
[[records.moves]]
stage = "Lost"
when = { end = "lost" }
"""
#: How many files are tried; more of them by hand.
EXAMPLES = int(os.environ.get("CRM_TEST_EXAMPLES", "12"))
_HEADER = "who,name,born,boss,mail,message,at,deal,worth,end"
_ROW = st.tuples(
    st.sampled_from(["1", "2", "3", "4", "5", ""]),
    st.sampled_from(["Ana Sól", "王小明", "Bo"]),
    st.sampled_from(["", "01.02.1990", "31.02.1990"]),
    st.sampled_from(["", "", "", "2", "5", "9"]),
    st.sampled_from(["", "a@example.com", "b@example.com", "no address"]),
    st.sampled_from(["", "", "m1", "m2"]),
    st.sampled_from(["19970101", "19980505", "20300101", "soon"]),
    st.sampled_from(["", "", "D1", "D2", "D3"]),
    st.sampled_from(["", "12.50", "7"]),
    st.sampled_from(["", "won", "lost"]),
)
_TABLES = (
    "customer", "contact_point", "external_id", "interaction", "deal", "deal_stage_change", "lifecycle_change", "crm_search_entry",
    "customer_relation",
)  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class _Undone(Exception):
    """Ends the transaction."""


@contextmanager
def _one_by_one() -> Iterator[None]:
    async def in_lots(work: Work, items: Sequence[Any], do: Any, **_: Any) -> list[Any]:
        return [await lots._alone(work, item, do) for item in items]

    with patch("crmcore.interchange.imports.batch.in_lots", in_lots):
        yield


async def _import(crm: TestCrm, folder: Path) -> list[Any]:
    """Import in a transaction that is undone; return what it did, ids by the order in which they were made."""
    actor, seen = Actor(ActorType.IMPORT, None, "test", access=Actor.system().access), list[Any]()

    async def everything(work: Work) -> None:
        events: list[Any] = []

        async def run(unit: Unit) -> Batch:
            batch = await unit(work)
            events.extend(_told(crm, event) for event in work.events)
            work.events.clear()
            return batch

        reading = Reading(crm.entities, actor.access, load_mapping(folder / "m.toml"), folder / "r.csv", None, None)
        report = await reading.read(run)
        seen.append([report, events, {table: await _rows(crm, table) for table in _TABLES}])
        raise _Undone

    with pytest.raises(_Undone):
        await crm.run(actor, everything)
    text = json.dumps(seen[-1], default=_plain)
    label = {id: f"#{n}" for n, id in enumerate(sorted(set(_UUID.findall(text))))}
    found: list[Any] = json.loads(_UUID.sub(lambda match: label[match[0]], text))
    return found


async def _rows(crm: TestCrm, table: str) -> list[dict[str, Any]]:
    order = "record_id" if table == "crm_search_entry" else "id"
    rows = await crm.database.fetch_dicts(f"select * from {table} order by {order}")
    return [{c: _parsed(c, v) for c, v in row.items() if table != "crm_search_entry" or c != "id"} for row in rows]


def _told(crm: TestCrm, event: Event) -> list[Any]:
    # What a row that was read has in another order than one that was made is the same.
    texts = [text and json.loads(text) for text in encode(event, Told(crm.entities))]
    return [type(event).__name__, event.entity, event.record_id, *texts]


def _parsed(column: str, value: Any) -> Any:
    if column == "terms":
        return sorted(value.replace("'", "").split())
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def _plain(value: Any) -> Any:
    return str(value) if not hasattr(value, "__dataclass_fields__") else {n: getattr(value, n) for n in value.__slots__}


@pytest.mark.parametrize("size", [4, 500])
async def test_together_is_as_if_alone(crm: TestCrm, tmp_path: Path, size: int) -> None:
    """Report, refusals, rows, events and the index of search are the same, whatever the rows and the size of a batch."""
    crm.clock.set(datetime(2026, 1, 5, 9, tzinfo=UTC))
    (tmp_path / "m.toml").write_text(_MAPPING, encoding="utf-8")
    loop = asyncio.get_running_loop()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(_ROW, min_size=2, max_size=10))
    def check(rows: list[tuple[str, ...]]) -> None:
        asyncio.run_coroutine_threadsafe(_both(crm, tmp_path, size, rows), loop).result(60)

    await asyncio.to_thread(check)


async def _both(crm: TestCrm, folder: Path, size: int, rows: list[tuple[str, ...]]) -> None:
    (folder / "r.csv").write_text("\n".join([_HEADER, *map(",".join, rows)]) + "\n", encoding="utf-8")
    with patch("crmcore.interchange.imports.reading.ROWS_PER_TRANSACTION", size):
        with _one_by_one():
            expected = await _import(crm, folder)
        found = await _import(crm, folder)
    assert [] == list(_differences("", expected, found))


def _differences(where: str, expected: Any, found: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in expected.keys() | found.keys():
            yield from _differences(f"{where}.{name}", expected.get(name), found.get(name))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for n, pair in enumerate(zip(expected, found, strict=True)):
            yield from _differences(f"{where}.{n}", *pair)
    elif expected != found:
        yield f"{where}: {expected} is {found}"
