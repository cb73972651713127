"""Databases to try plugins on."""

from __future__ import annotations

import pytest

from crmcore.contract.grounds import Grounds
from crmcore.contract.rule import Unverified
from crmcore.database import Database
from crmcore.testing import TestCrm
from tests.contract.conftest import Take


async def test_an_empty_database_has_no_table(grounds: Grounds, crm_dialect: str, crm_postgresql_lent: None) -> None:
    """Not even the record of migrations."""
    count = {
        "sqlite": "select count(*) from sqlite_master",
        "postgresql": "select count(*) from pg_tables where schemaname = 'public'",
    }
    with grounds.empty(crm_dialect) as url:
        database = Database.from_url(url)
        await database.open()
        assert 0 == await database.fetch_value(count[crm_dialect])
        await database.close()


async def test_each_running_crm_has_a_database_of_its_own(take: Take, crm_dialect: str) -> None:
    """What one writes the other does not see."""
    subject = take(dialects=(crm_dialect,))
    async with subject.running(crm_dialect, "bare") as one, subject.running(crm_dialect, "bare") as other:
        await one.make("customer")
        answers = [await crm.execute("{ customers { totalCount } }") for crm in (one, other)]
    assert [1, 0] == [answer["data"]["customers"]["totalCount"] for answer in answers]


def test_without_a_server_it_says_what_to_install(bare: TestCrm) -> None:
    """PostgreSQL is part of an extra."""

    def none() -> None:
        raise ImportError

    with Grounds(none) as grounds, pytest.raises(Unverified, match=r"pip install 'crmcore\[testing\]'"):  # type: ignore[arg-type]
        grounds.mould(bare, "postgresql")
