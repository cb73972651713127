"""Orders come out and go in again: clients cannot create them, files can."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from crmcore_orders.verify import verify

from crmcore import Actor, actions
from crmcore.interchange import export, import_csv, own_mapping
from crmcore.testing import TestCrm

ENTITIES = ("order", "order_line", "order_refund", "order_refund_line")


async def written(crm: TestCrm, entity: str) -> bytes:
    """Return an export."""
    target = io.BytesIO()
    await export(crm, entity, target, actor=Actor.system())
    return target.getvalue()


def rows(text: bytes) -> list[dict[str, str]]:
    """Return the rows of an export, without what an import makes anew."""
    anew = ("version", "updatedAt", "createdBy", "updatedBy")
    found = csv.DictReader(io.StringIO(text.decode(), newline=""))
    return [{name: cell for name, cell in row.items() if not name.startswith(anew)} for row in found]


async def test_what_was_exported_goes_in_again(crm: TestCrm, tmp_path: Path) -> None:
    """Orders, lines, refunds and refunds' lines, with what was given back worked out anew."""
    given = await crm.make("order_refund_line")
    before = {entity: await written(crm, entity) for entity in ENTITIES}
    (line,) = await crm.run(Actor.system(), lambda work: work.find("order_line", id=given["order_line_id"]))
    await crm.run(Actor.system(), lambda work: actions.destroy(work, "order", line["order_id"]))
    gone = await written(crm, "order_refund_line")
    for entity in ENTITIES:
        file = tmp_path / f"{entity}.csv"
        file.write_bytes(before[entity])
        report = await import_csv(crm, own_mapping(crm.entities, entity, file), file, actor=Actor.system())
        assert (1, 0) == (report.records[entity].created, report.refused)

    assert [] == rows(gone)
    assert {entity: rows(text) for entity, text in before.items()} == {
        entity: rows(await written(crm, entity)) for entity in ENTITIES
    }
    assert [] == await crm.run(Actor.system(), verify)
