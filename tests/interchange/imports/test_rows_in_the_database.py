"""What becomes of rows: each stands alone, waits for a later one, or is refused with its reason."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.errors import Invalid, SetupError
from crmcore.interchange import import_csv
from crmcore.interchange.imports import batch, reading
from tests.interchange.conftest import Bring, Count

_PEOPLE = """
title = "People"
[[records]]
entity = "customer"
name = "company"
needs = ["company"]
external = { system = "old", id = "company" }
values = { kind = "ORGANIZATION" }
fields = { legalName = "company" }

[[records]]
entity = "customer"
name = "person"
external = { system = "old", id = "number" }
values = { kind = "PERSON" }
fields.givenName = { column = "name", part = "given" }
fields.familyName = { column = "name", part = "family" }
fields.birthDate = { column = "born", date = "%d.%m.%Y" }

[[records]]
entity = "contact_point"
needs = ["mail"]
key = "VALUE"
values = { type = "EMAIL", isPrimary = true }
fields.customerId = { record = "person" }
fields.value = "mail"

[[records]]
entity = "customer_relation"
needs = ["company"]
key = ["fromId", "toId", "type"]
values = { type = "EMPLOYED_BY" }
fields.fromId = { record = "person" }
fields.toId = { record = "company" }
"""
_ROWS = "number,name,born,mail,company\n1,Ana Sól,01.02.1990,ana@example.com,Vega\n2,王小明,,,\n"

_TREE = """
title = "Tree"
[[records]]
entity = "customer"
external = { system = "old", id = "name" }
values = { kind = "ORGANIZATION" }
fields.legalName = "name"
fields.parentId = { column = "parent", find = "customer", system = "old" }
"""


async def test_a_row_may_become_several_records(crm: Crm, bring: Bring, count: Count) -> None:
    """A person, their employer, their mail address and their job come from one row; what it lacks is left out."""
    report = await bring(_PEOPLE, _ROWS)
    assert {"company": 1, "person": 2, "contact_point": 1, "customer_relation": 1} == {
        n: c.created for n, c in report.records.items()
    }
    answer = await crm.execute(
        "{ customers(filter: { kind: { eq: PERSON } }, orderBy: [{ field: DISPLAY_NAME }]) { nodes { displayName birthDate contactPoints { nodes { value } } relations { nodes { to { displayName } } } } } }",
        actor=Actor.system(),
    )
    ana, ming = answer["data"]["customers"]["nodes"]
    assert ("Ana Sól", "1990-02-01", "ana@example.com", "Vega") == (
        ana["displayName"], ana["birthDate"], ana["contactPoints"]["nodes"][0]["value"], ana["relations"]["nodes"][0]["to"]["displayName"],
    )  # fmt: skip
    assert "王小明" == ming["displayName"]


async def test_a_refused_row_leaves_nothing(bring: Bring, count: Count) -> None:
    """What the row wrote before it was refused goes with it; the rows around it stay."""
    rows = _ROWS + "3,Bo Ek,,not an address,Lyra\n4,Cy Dal,,,\n"
    report = await bring(_PEOPLE, rows)
    assert (4, 1) == (report.rows, report.refused)
    assert 1 == report.records["contact_point"].refused
    assert 0 == await count("customer", "display_name in ('Bo Ek', 'Lyra')")
    assert 1 == await count("customer", "display_name = 'Cy Dal'")


async def test_everything_wrong_with_a_record_is_one_reason(bring: Bring) -> None:
    """The reason lists each field that is wrong."""
    mapping = _TREE.replace(
        'fields.legalName = "name"',
        'fields.legalName = "name"\nfields.annualRevenue = { column = "revenue", currency = "EUR" }',
    )
    report = await bring(mapping, "name,parent,revenue\nVega,Nobody,many\n")
    (row,) = report.first_refusals
    assert (2, "customer") == (row.line, row.record)
    assert "parentId: There is no customer" in row.reason
    assert "annualRevenue: 'many' is not a number" in row.reason


async def test_the_error_file_can_be_mended_and_imported(bring: Bring, count: Count, tmp_path: Path) -> None:
    """It has the rows as they were, with line, code and reason in front, which no mapping reads."""
    errors = tmp_path / "errors.csv"
    report = await bring(
        _PEOPLE, _ROWS + '3,Bo Ek,31.02.1990,,"Lyra\nNorth"\n4,too,many,cells,,,\n', errors_path=errors
    )
    assert str(errors) == report.errors_path
    with errors.open(encoding="utf-8-sig", newline="") as lines:
        header, bo, ragged = list(csv.reader(lines))
    assert ["crm_line", "crm_code", "crm_reason", "number", "name", "born", "mail", "company"] == header
    assert ["4", "MALFORMED", "3", "Bo Ek", "31.02.1990", "", "Lyra\nNorth"] == bo[:2] + bo[3:]
    assert "'31.02.1990' is not a date written as %d.%m.%Y" in bo[2]
    assert ["6", "WRONG_CELL_COUNT", "4", "too", "many", "cells", "", "", ""] == ragged[:2] + ragged[3:]
    mended = errors.read_text("utf-8-sig").replace("31.02.1990,,", "28.02.1990,,").splitlines(keepends=True)[:-1]
    assert 0 == (await bring(_PEOPLE, "".join(mended))).refused
    assert 1 == await count("customer", "display_name = 'Bo Ek'")


async def test_no_error_file_is_left_when_nothing_was_refused(bring: Bring, tmp_path: Path) -> None:
    """An old one goes, so that nobody mends what is imported."""
    errors = tmp_path / "errors.csv"
    errors.write_text("old", encoding="utf-8")
    assert None is (await bring(_PEOPLE, _ROWS, errors_path=errors)).errors_path
    assert not errors.exists()


async def test_the_error_file_may_not_be_the_imported_one(crm: Crm, bring: Bring, tmp_path: Path) -> None:
    """Otherwise the import would eat what it reads."""
    await bring(_PEOPLE, _ROWS)
    with pytest.raises(SetupError, match="name another one"):
        await import_csv(
            crm,
            tmp_path / "mapping.toml",
            tmp_path / "rows.csv",
            actor=Actor.system(),
            errors_path=tmp_path / "rows.csv",
        )


async def test_rows_wait_for_what_later_rows_bring(bring: Bring, count: Count) -> None:
    """However many steps up: a child before its parent before its grandparent."""
    report = await bring(_TREE, "name,parent\nC,B\nB,A\nA,\n")
    assert (3, 0, 3) == (report.rows, report.refused, report.records["customer"].created)
    assert 2 == await count("customer", "parent_id is not null")


async def test_rows_that_wait_for_each_other_are_refused(bring: Bring, count: Count) -> None:
    """Waiting ends when another pass brings nobody in; the others are imported."""
    report = await bring(_TREE, "name,parent\nA,B\nB,A\nC,\nD,Nobody\n")
    assert (4, 3, 1) == (report.rows, report.refused, await count("customer"))
    assert {"UNKNOWN_REFERENCE"} == {r.code for r in report.first_refusals}


async def test_an_import_that_was_cut_short_is_resumed_by_running_it_again(
    bring: Bring, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed stays and is found again; nothing is doubled."""
    monkeypatch.setattr(reading, "ROWS_PER_TRANSACTION", 2)
    whole = batch.Importer.rows
    calls = 0

    async def dies_at_the_second_batch(self, work, rows, *, patient):  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return await whole(self, work, rows, patient=patient)

    monkeypatch.setattr(batch.Importer, "rows", dies_at_the_second_batch)
    rows = "name,parent\nA,\nB,\nC,\nD,\n"
    with pytest.raises(KeyboardInterrupt):
        await bring(_TREE, rows)
    assert 2 == await count("customer")
    report = await bring(_TREE, rows)
    assert (2, 2) == (report.records["customer"].created, report.records["customer"].unchanged)
    assert 4 == await count("customer")


async def test_only_what_differs_is_written(crm: Crm, bring: Bring, count: Count) -> None:
    """A changed cell changes its record and no other; an empty one leaves what is there."""
    mapping = _TREE.replace(
        'fields.legalName = "name"',
        'fields.displayName = "shown"\nfields.industry = "industry"\nfields.legalName = "name"',
    )
    await bring(mapping, "name,shown,industry,parent\nA,Alpha,retail,\nB,Beta,retail,\n")
    report = await bring(mapping, "name,shown,industry,parent\nA,Alfa,,\nB,Beta,,\n")
    assert (0, 1, 1) == (
        report.records["customer"].created,
        report.records["customer"].updated,
        report.records["customer"].unchanged,
    )
    rows = await crm.database.fetch("select display_name, industry, version from customer order by display_name")
    assert [("Alfa", "retail", 2), ("Beta", "retail", 1)] == rows


async def test_an_empty_cell_can_clear(crm: Crm, bring: Bring) -> None:
    """With `clear` the file's nothing replaces what is there."""
    mapping = _TREE.replace(
        'fields.legalName = "name"',
        'fields.industry = { column = "industry", clear = true }\nfields.legalName = "name"',
    )
    await bring(mapping, "name,industry,parent\nA,retail,\n")
    await bring(mapping, "name,industry,parent\nA,,\n")
    assert None is await crm.database.fetch_value("select industry from customer")


async def test_a_row_without_its_key_is_refused(bring: Bring) -> None:
    """It could not be found again."""
    report = await bring(_TREE, "name,parent\n,\n \t,\nA,\n")
    assert (3, 2) == (report.rows, report.refused)
    assert "could not be found again" in report.first_refusals[0].reason


async def test_a_refused_setup_stops_the_import(bring: Bring, count: Count) -> None:
    """Without what must be there first, no row is tried; the message names the record."""
    mapping = '[[setup]]\nentity = "pipeline"\nkey = "KEY"\nvalues = { key = "!", name = "X" }\n' + _TREE.replace(
        'title = "Tree"', ""
    )
    with pytest.raises(Invalid, match=r"setup \(pipeline\)"):
        await bring('title = "T"\n' + mapping, "name,parent\nA,\n")
    assert 0 == await count("customer")


async def test_progress_tells_bytes(bring: Bring, tmp_path: Path) -> None:
    """The last thing told is that all of the file is read."""
    told: list[tuple[int, int]] = []
    await bring(_TREE, "name,parent\nA,\n", progress=lambda done, total: told.append((done, total)))
    assert [((tmp_path / "rows.csv").stat().st_size,) * 2] == told


async def test_a_bug_names_the_line(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no refusal ends the import and says at which row."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("crmcore.interchange.imports.records.Records.write", broken)
    with pytest.raises(ZeroDivisionError) as bug:
        await bring(_TREE, "name,parent\nA,\n")
    assert ["while importing line 2"] == bug.value.__notes__


_MEMBERS = """
title = "Members"
[[setup]]
entity = "user"
key = "name"
values = { name = "Ada" }
[[records]]
entity = "team"
needs = ["make"]
key = "NAME"
fields.name = "make"
[[records]]
entity = "team_membership"
key = "TEAM_USER"
fields.teamId = { column = "team", find = "team" }
fields.userId = { column = "user", find = "user" }
"""


async def test_what_a_refused_row_found_is_forgotten(bring: Bring, count: Count) -> None:
    """A record that a refused row made is gone, and later rows do not find it."""
    report = await bring(_MEMBERS, "make,team,user\nNorth,North,Nobody\n,North,Ada\nSouth,South,Ada\n")
    assert [2, 3] == [row.line for row in report.first_refusals]
    assert "There is no team with name 'North'" in report.first_refusals[1].reason
    assert 1 == await count("crm_team_membership")
