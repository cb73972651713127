"""Small files in the shape of the Maven data, written for these tests, and the example mappings for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.interchange import Report, import_csv

REPOSITORY = Path(__file__).parents[2]
MAPPINGS = REPOSITORY / "examples" / "maven"

_FILES = {
    "products.csv": "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n",
    "sales_teams.csv": (
        "sales_agent,manager,regional_office\n"
        "Ada Prowse,Ines Vogt,Central\n"
        "Ben Okoro,Ines Vogt,Central\n"
        "Chloé Tan,Omar Haddad,East\n"
    ),
    # Lyra's parent Vega comes after it; one sector and one country are misspelt.
    "accounts.csv": (
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
        "Lyra,technolgy,1996,1100.04,2822,United States,Vega\n"
        "Vega,medical,1999,0.5,9,Philipines,\n"
        "Altair & Söhne,retail,2001,12.25,51,Germany,\n"
    ),
    # One product is spelled without its blank, two open deals have no account, one deal has not begun.
    "sales_pipeline.csv": (
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value,engage_quarter,close_quarter\n"
        "AAAA0001,Ada Prowse,GTXPro,Lyra,Won,20-10-16,01-03-17,4514,Q4 2016,Q1 2017\n"
        "AAAA0002,Ben Okoro,MG Special,Vega,Lost,25-10-16,11-03-17,0,Q4 2016,Q1 2017\n"
        "AAAA0003,Ben Okoro,GTX Pro,,Engaging,03-11-16,,,Q4 2016,\n"
        "AAAA0004,Chloé Tan,MG Special,,Prospecting,,,,,\n"
        "AAAA0005,Chloé Tan,MG Special,Altair & Söhne,Won,31-12-16,31-12-16,55,Q4 2016,Q4 2016\n"
    ),
}

#: Imports one of the files by its example mapping: `await maven("deals")`.
Maven = Callable[..., Awaitable[Report]]
#: Imports a text by a mapping that is a text.
Bring = Callable[..., Awaitable[Report]]
#: Counts the rows of a table.
Count = Callable[..., Awaitable[int]]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the four files."""
    for name, text in _FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def maven(crm: Crm, files: Path) -> Maven:
    """A function that imports one file as the system, or all that come before it as well."""
    sources = {"agents": "sales_teams.csv", "accounts": "accounts.csv", "deals": "sales_pipeline.csv"}

    async def run(last: str, *, only: bool = False, **options: Any) -> Report:
        options.setdefault("actor", Actor.system("test"))
        names = [last] if only else list(sources)[: list(sources).index(last) + 1]
        for name in names[:-1]:
            await import_csv(crm, MAPPINGS / f"{name}.toml", files / sources[name], actor=options["actor"])
        return await import_csv(crm, MAPPINGS / f"{last}.toml", files / sources[last], **options)

    return run


@pytest.fixture
def count(crm: Crm) -> Count:
    """A function that counts the rows of a table."""

    async def rows(table: str, where: str = "1 = 1") -> int:
        return int(await crm.database.fetch_value(f"select count(*) from {table} where {where}"))

    return rows


@pytest.fixture
def bring(crm: Crm, tmp_path: Path) -> Bring:
    """A function that imports a text by a mapping that is a text: `await bring(mapping, rows)`."""

    async def run(mapping: str, rows: str, **options: Any) -> Report:
        (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
        options.setdefault("actor", Actor.system("test"))
        return await import_csv(crm, tmp_path / "mapping.toml", tmp_path / "rows.csv", **options)

    return run
