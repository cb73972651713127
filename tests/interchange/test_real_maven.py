"""The real Maven files, all 8,800 deals of them, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.interchange import Report, import_csv
from tests.interchange.conftest import MAPPINGS, REPOSITORY

_STEPS = (("agents", "sales_teams.csv"), ("accounts", "accounts.csv"), ("deals", "sales_pipeline.csv"))
_STAGES = """
select s.name, count(*), cast(coalesce(sum(d.amount), 0) as bigint) from deal d
join stage s on s.id = d.stage_id join pipeline p on p.id = s.pipeline_id
where p.name = 'Maven' group by s.name order by s.name
"""


@pytest.fixture
def folder(crm_dialect: str) -> Path:
    """The folder with the Maven files: below CRM_TEST_DATA, or where they lie beside the repository."""
    if crm_dialect == "sqlite":
        pytest.skip("into SQLite the tutorial imports them, docs/tutorial/import.md")
    found = Path(os.environ.get("CRM_TEST_DATA") or REPOSITORY.parent / "shared" / "data") / "maven"
    if not (found / "sales_pipeline.csv").is_file():
        pytest.skip(
            f"no Maven data in {found}; set CRM_TEST_DATA to the folder that has maven/sales_pipeline.csv in it"
        )
    return found


async def _import(crm: Crm, folder: Path) -> dict[str, Report]:
    return {
        name: await import_csv(crm, MAPPINGS / f"{name}.toml", folder / file, actor=Actor.system("test"))
        for name, file in _STEPS
    }


@pytest.mark.timeout(900)
async def test_the_real_files_become_a_crm(folder: Path, crm: Crm) -> None:
    """85 accounts, 35 agents, 8,800 deals in their stages with their history; the tutorial imports them a second time."""
    first = await _import(crm, folder)
    assert 0 == sum(report.refused for report in first.values())
    assert (35, 6, 3) == tuple(first["agents"].records[n].created for n in ("agent", "manager", "region"))
    assert 85 == first["accounts"].records["account"].created
    expected = [("Engaging", 1589, 0), ("Lost", 2473, 0), ("Prospecting", 500, 0), ("Won", 4238, 10_005_534_00)]
    assert expected == [tuple(row) for row in await crm.database.fetch(_STAGES)]
    assert 1425 == await crm.database.fetch_value("select count(*) from deal where customer_id is null")
    assert 8800 + 4238 + 2473 == await crm.database.fetch_value("select count(*) from deal_stage_change")
