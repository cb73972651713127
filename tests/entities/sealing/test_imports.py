"""Imports into sealed columns: rows are found again, and what is written together is as if written alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.entities.sealing import is_sealed
from crmcore.interchange import import_csv
from crmcore.testing import TestCrm
from tests.entities.sealing.conftest import TOY, stored
from tests.interchange.imports import test_as_if_alone as alone
from tests.plugins.with_sealing import content

_MAPPING = """
title = "People"

[[records]]
entity = "customer"
external = { system = "old", id = "who" }
values = { kind = "PERSON" }
fields.givenName = "name"

[[records]]
entity = "contact_point"
key = ["customerId", "type", "value"]
values = { type = "EMAIL" }
fields.customerId = { record = "customer" }
fields.value = "mail"

[[records]]
entity = "customer_relation"
needs = ["boss"]
key = ["fromId", "toId", "type"]
values = { type = "REFERRED_BY" }
fields.fromId = { record = "customer" }
fields.toId = { column = "boss", find = "customer", by = "givenName" }
"""
_ROWS = "who,name,mail,boss\n1,Ana,ana@acme.example,\n2,Bo,bo@acme.example,Ana\n3,Cleo,cleo@acme.example,Nobody\n"


async def test_rows_are_found_again(crm: TestCrm, tmp_path: Path) -> None:
    """By keys and names that are sealed; a second import finds all as it is."""
    (tmp_path / "m.toml").write_text(_MAPPING, encoding="utf-8")
    (tmp_path / "r.csv").write_text(_ROWS, encoding="utf-8")
    reports = [
        await import_csv(crm, tmp_path / "m.toml", tmp_path / "r.csv", actor=Actor.system("test")) for _ in range(2)
    ]
    assert [1, 1] == [report.refused for report in reports]
    assert [(2, 0), (0, 2)] == [
        (r.records["contact_point"].created, r.records["contact_point"].unchanged) for r in reports
    ]
    assert all(map(is_sealed, await stored(crm, "contact_point", "value")))
    assert 2 == len(await stored(crm, "customer", "id"))
    assert 1 == len(await stored(crm, "customer_relation", "id"))


async def test_a_row_alone_names_a_record_by_a_sealed_column(crm: TestCrm, tmp_path: Path) -> None:
    """One row is no lot, and asks by a statement of its own."""
    (tmp_path / "m.toml").write_text(_MAPPING, encoding="utf-8")
    for rows in (_ROWS, "who,name,mail,boss\n4,Dora,dora@acme.example,Ana\n"):
        (tmp_path / "r.csv").write_text(rows, encoding="utf-8")
        report = await import_csv(crm, tmp_path / "m.toml", tmp_path / "r.csv", actor=Actor.system("test"))
    assert (0, 1) == (report.refused, report.records["customer_relation"].created)


async def test_together_is_as_if_alone(crm: TestCrm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Report, refusals, rows and events are the same, whatever the rows."""
    parsed = alone._parsed

    def opened(column: str, value: Any) -> Any:
        return content(value) if is_sealed(value) else parsed(column, value)

    monkeypatch.setattr(alone, "_parsed", opened)
    monkeypatch.setattr(alone, "EXAMPLES", max(4, alone.EXAMPLES // 3))
    before = TOY.seals["customer"].sealings
    await alone.test_together_is_as_if_alone(crm, tmp_path, 4)
    assert TOY.seals["customer"].sealings > before
