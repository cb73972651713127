"""Files whose columns stand below each other, with and without names above them."""

from __future__ import annotations

from pathlib import Path

from crmcore.app import Crm
from tests.interchange.conftest import Bring, Count

_MAPPING = """
title = "Purchases"
csv = { delimiter = "blanks", header = ["who", "day", "amount"] }
[[records]]
entity = "customer"
external = { system = "shop", id = "who" }
fields.legalName = { text = "Customer {who}" }
values.kind = "ORGANIZATION"
[[records]]
entity = "interaction"
external = { system = "shop", id = { text = "{who}-{crm_line}" } }
values = { kind = "NOTE", status = "COMPLETED" }
fields.customerId = { record = "customer" }
fields.occurredAt = { column = "day", date = "%Y%m%d" }
fields.subject = "amount"
"""
_ROWS = " 00001 19970101  1.77\n 00002\t19970112 12.00\r\n 00002 19970112 12.00  \n\n"


async def test_columns_may_stand_below_each_other(crm: Crm, bring: Bring, count: Count) -> None:
    """Any blanks part them; rows that look the same are told apart by their lines; a second import finds them all."""
    first = await bring(_MAPPING, _ROWS)
    assert (3, 0) == (first.rows, first.refused)
    assert (2, 3) == (await count("customer"), await count("interaction"))
    days = {row[0].isoformat() for row in await crm.database.fetch("select occurred_at from interaction")}
    assert {"1997-01-01T00:00:00+00:00", "1997-01-12T00:00:00+00:00"} == days
    again = await bring(_MAPPING, _ROWS)
    assert (0, 3) == (again.records["interaction"].created, again.records["interaction"].unchanged)


async def test_the_first_line_may_name_them(bring: Bring, count: Count) -> None:
    """Without `header` the first line does, as in any other file."""
    named = _MAPPING.replace(', header = ["who", "day", "amount"]', "")
    assert 3 == (await bring(named, f" who  day amount\n{_ROWS}")).rows
    assert 3 == await count("interaction")


async def test_refused_rows_of_such_a_file_can_be_mended(bring: Bring, count: Count, tmp_path: Path) -> None:
    """Their file begins with the names of its columns, and the rows keep the lines they had."""
    errors = tmp_path / "errors.txt"
    report = await bring(_MAPPING, _ROWS + " 00003 19970132 3.50\n 00003 19970131\n", errors_path=errors)
    assert ["MALFORMED", "WRONG_CELL_COUNT"] == [row.code for row in report.first_refusals]
    mended = errors.read_text("utf-8-sig").replace("19970132", "19970131")
    assert ["crm_line", "crm_code", "crm_reason", "who", "day", "amount"] == mended.split()[:6]
    assert 1 == (await bring(_MAPPING, mended)).records["interaction"].created
    assert 1 == await count("external_id", "external_id = '00003-5'")
