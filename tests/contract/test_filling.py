"""A row in every table, whatever its columns are."""

from __future__ import annotations

import msgspec
import pytest

from crmcore import Settings
from crmcore.contract.filling import fill, rows
from crmcore.contract.installing import installing
from crmcore.contract.rule import Unverified
from crmcore.database.ddl import create_tables
from crmcore.database.schema import ColumnSpec, TableSpec
from tests.contract.conftest import Take

KINDS = ("text", "enum", "int", "bigint", "float", "bool", "instant", "date", "id", "json")
TABLES = (
    TableSpec(
        "weed_leaf",
        (
            ColumnSpec("id", "id", primary=True),
            ColumnSpec("weed_id", "id", references="weed"),
            ColumnSpec("before_id", "id", null=True, references="weed_leaf"),
        ),
    ),
    TableSpec(
        "weed",
        (
            ColumnSpec("id", "id", primary=True),
            *(ColumnSpec(f"a_{kind}", kind) for kind in KINDS),
            ColumnSpec("height", "int", default=7),
            ColumnSpec("note", "text", null=True),
            ColumnSpec("customer_id", "id", references="customer"),
        ),
    ),
)


async def test_every_table_gets_a_row(take: Take, crm_dialect: str) -> None:
    """Of every kind of value; rows link to rows of the plugin, and to records that crmcore makes by its own rules."""
    subject = take(dialects=(crm_dialect,))
    async with installing(subject, crm_dialect) as database:
        await database.script(create_tables(crm_dialect, TABLES[::-1]))
        async with subject.bare.like(msgspec.convert({"database": database.url}, Settings)) as core:
            for _ in range(2):
                await fill(database, TABLES, core)
        assert {"weed": 2, "weed_leaf": 2} == await rows(database, ["weed", "weed_leaf"])
        joined = "select height, note from weed join weed_leaf on weed_id = weed.id join customer on customer.id = customer_id"
        assert [(7, None), (7, None)] == await database.fetch(joined)


async def test_a_link_to_what_nobody_can_make_is_not_verified(take: Take) -> None:
    """The table and the column are named."""
    subject = take()
    async with installing(subject, "sqlite") as database, subject.running("sqlite", "bare") as core:
        with pytest.raises(Unverified, match=r"weed\.shadow_id links to crm_shadow, of which no row can be made"):
            await fill(database, [TableSpec("weed", (ColumnSpec("shadow_id", "id", references="crm_shadow"),))], core)
