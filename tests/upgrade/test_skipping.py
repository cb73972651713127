"""Versions can be skipped: from the first straight to the third is as from one to the next."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from crmcore import Crm, Settings
from crmcore.database import Database
from tests.upgrade import ants

NESTS = {UUID(int=1): "hill", UUID(int=2): "log pile"}


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[ModuleType]:
    """The plugin at 1, 2 and 3."""
    return [ants.loaded(tmp_path_factory.mktemp(f"ants{version}"), version) for version in (1, 2, 3)]


async def upgraded(url: str, *versions: ModuleType) -> tuple[list[object], dict[str, list[tuple[object, ...]]]]:
    """Migrate an empty database through versions, with rows of the first; return what it is like and what it holds."""
    for version in versions:
        crm = Crm(Settings(database=url), plugins=[version], installed=False)
        await crm.database.open()
        try:
            await crm.migrator.up()
            assert [] == await crm.migrator.drift()
            if version is versions[0]:
                await crm.database.execute_many("insert into ants_nest (id, name) values ($1, $2)", list(NESTS.items()))
            if version is versions[-1]:
                return await _shape(crm.database), await _rows(crm.database)
        finally:
            await crm.database.close()
    raise AssertionError


async def _shape(database: Database) -> list[object]:
    """Columns and indexes of the plugin's tables."""
    if database.dialect == "sqlite":
        sql = "select type, name, sql from sqlite_master where tbl_name like 'ants_%' order by name"
    else:
        sql = (
            "select table_name, column_name, data_type, column_default from information_schema.columns "
            "where table_schema = current_schema() and table_name like 'ants_%' union all "
            "select tablename, indexname, indexdef, null from pg_indexes where tablename like 'ants_%' order by 1, 2"
        )
    return list(await database.fetch(sql))


async def _rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    nests = await database.fetch("select id, title, size from ants_nest order by id")
    return {"nests": nests, "ants": await database.fetch("select id, nest_id from ants_ant order by id")}


async def _emptied(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'other.db'}"
    return str(await request.getfixturevalue("empty_postgresql")())


async def test_from_the_first_to_the_third_at_once(
    versions: list[ModuleType], database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Tables, indexes and rows are the same as step by step, and the rows are as each migration meant them."""
    first, second, third = versions

    slowly = await upgraded(database_url, first, second, third)
    at_once = await upgraded(await _emptied(database_url, tmp_path, request), first, third)

    assert slowly == at_once
    assert [(UUID(int=1), "hill", 4), (UUID(int=2), "log pile", 8)] == at_once[1]["nests"]
    assert [(id, id) for id in NESTS] == at_once[1]["ants"]
