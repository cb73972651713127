"""Totals kept by triggers equal what a scan would find, whoever writes what, and whoever is killed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore import clock
from crmcore.database import Database
from crmcore.database.migrations import (
    Column,
    Migration,
    MigrationSource,
    Migrator,
    Table,
    Totals,
    add_column,
    alter_column,
    create_table,
    drop_column,
    drop_totals,
    keep_totals,
    rename_column,
    rename_table,
)
from crmcore.database.migrations.execution import run
from crmcore.database.migrations.migration import Misfit, State
from crmcore.database.migrations.steps import steps_of
from crmcore.database.schema import TableSpec
from crmcore.entities.folding import Folding, fold
from tests.database.test_processes import line_of, running

SALES = Totals("sale_total", by=("shop", "currency"), sums=("amount",))
SALE = TableSpec(
    "sale",
    (
        Column("id", "text", primary=True),
        Column("shop", "text", null=True),
        Column("currency", "text", null=True),
        Column("amount", "bigint", null=True),
        Column("note", "text", null=True),
        Column("deleted_at", "instant", null=True),
    ),
)
MADE = Migration([create_table(SALE), create_table(SALE.kept(SALES))])
KEPT = Migration([keep_totals("sale", SALES)])
SCAN = "select shop, currency, count(*), sum(coalesce(amount, 0)), count(amount) from sale where deleted_at is null group by shop, currency"
TOLD = 'select shop, currency, sum("rows"), sum(amount), sum(amount_count) from sale_total group by shop, currency having sum("rows") <> 0 or sum(amount) <> 0'


async def apply(database: Database, migration: Migration, state: State) -> State:
    """Run a migration as the migrator does."""
    async with database.schema_transaction():
        await run(database, steps_of(migration, database.dialect, state))
    return migration.after(state)


async def rows(database: Database, sql: str) -> set[tuple[Any, ...]]:
    """Return rows in no order, numbers as integers."""
    return {(s, c, *map(int, numbers)) for s, c, *numbers in await database.fetch(sql)}


async def check(database: Database) -> set[tuple[Any, ...]]:
    """Compare totals with a scan, and return them."""
    told = await rows(database, TOLD)
    assert await rows(database, SCAN) == told
    return told


@pytest.fixture
async def sales(database: Database) -> Database:
    """A database with a table that is counted."""
    await apply(database, KEPT, await apply(database, MADE, {}))
    return database


_VALUE = {
    "shop": st.sampled_from(["a", "b", None]),
    "currency": st.sampled_from(["EUR", None]),
    "amount": st.sampled_from([None, 0, 7, -3, 2**40]),
    "deleted": st.booleans(),
}
_ROW = st.fixed_dictionaries(_VALUE)
_STEP = st.one_of(
    st.tuples(st.just("insert"), st.lists(_ROW, min_size=1, max_size=3)),
    st.tuples(st.just("update"), st.fixed_dictionaries({}, optional=_VALUE)),
    st.tuples(st.just("delete"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("undone"), _ROW),
    st.tuples(st.just("fold"), st.none()),
)


async def take(database: Database, step: tuple[str, Any], number: int) -> None:
    """Do one step of a story; what is undone leaves nothing."""
    kind, given_ = step
    if kind == "insert":
        made = [(f"{number}-{i}", *_columns(row)) for i, row in enumerate(given_)]
        sql = "insert into sale (id, shop, currency, amount, deleted_at) values ($1, $2, $3, $4, $5)"
        await database.execute_many(sql, made)
    elif kind == "update":
        values = {("deleted_at" if k == "deleted" else k): _value(k, v) for k, v in given_.items()}
        if values:
            sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 1))
            await database.execute(f"update sale set {sets} where id like '%-0'", *values.values())
    elif kind == "delete":
        await database.execute("delete from sale where shop = $1", given_)
    elif kind == "undone":
        with pytest.raises(ZeroDivisionError):
            async with database.transaction():
                await take(database, ("insert", [given_]), -1)
                raise ZeroDivisionError
    else:
        assert await fold(database, SALES)


def _columns(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(_value(name, row[name]) for name in ("shop", "currency", "amount", "deleted"))


def _value(name: str, value: Any) -> Any:
    return (clock.now() if value else None) if name == "deleted" else value


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(_STEP, min_size=1, max_size=8))
async def test_totals_are_what_a_scan_finds(sales: Database, story: list[tuple[str, Any]]) -> None:
    """After any story of inserts, updates, soft and hard deletes, roll-backs and folds."""
    await sales.execute("delete from sale")
    for number, step in enumerate(story):
        await take(sales, step, number)
    await check(sales)


#: A row for `take`.
ONE = {"currency": None, "amount": 1, "deleted": False}


async def test_a_fold_leaves_one_row_of_each_group_that_has_any(sales: Database) -> None:
    """On both databases; groups that are empty again are gone."""
    for number in range(5):
        await take(sales, ("insert", [{**ONE, "shop": "a"}]), number)
        await take(sales, ("insert", [{**ONE, "shop": "b"}]), 10 + number)
    await sales.execute("delete from sale where shop = $1", "b")
    assert await fold(sales, SALES)
    assert [("a", None, 5, 5)] == await sales.fetch('select shop, currency, "rows", amount from sale_total')


async def test_what_grows_is_folded_in_the_background(sales: Database) -> None:
    """Not before it has grown, and not again until it has grown again."""
    if sales.dialect == "sqlite":
        pytest.skip("SQLite's totals do not grow")
    folding = Folding(sales, [SALES])
    insert = "insert into sale (id, shop, amount) values ($1, 'a', 1)"
    async with sales.transaction():
        for number in range(400):
            await sales.execute(insert, str(number))
    await folding.look()
    assert 400 == await sales.fetch_value("select count(*) from sale_total")
    async with sales.transaction():
        for number in range(200):
            await sales.execute(insert, f"more-{number}")
    await folding.look()
    assert 1 == await sales.fetch_value("select count(*) from sale_total")
    await check(sales)


class Broken:
    """A database that cannot do it the first time."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()

    async def fetch_value(self, _sql: str) -> int:
        self.asked += 1
        if self.asked == 1:
            msg = "permission denied for table sale_total"
            raise RuntimeError(msg)
        self.again.set()
        return 0


async def test_what_goes_wrong_is_told_and_does_not_end_the_folding(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for the task, so nobody else would hear of it."""
    database = Broken()
    folding = Folding(database, [SALES], period=0)  # type: ignore[arg-type]
    folding.start()
    await asyncio.wait_for(database.again.wait(), 10)
    await folding.stop()
    assert ["Totals could not be folded and boards become slow; mend what this says. Tried again in 0 s."] == [
        record.getMessage() for record in caplog.records
    ]


async def test_writers_do_not_meet_in_the_totals(sales: Database, database_url: str) -> None:
    """Processes that write to one group all at once, a fold beside them and kill -9: nobody fails, nothing is miscounted."""
    async with running("sell", database_url, "a") as one, running("sell", database_url, "b") as other:
        for _ in range(30):
            assert int(await line_of(one))
            assert int(await line_of(other))
            await sales.retrying(lambda: fold(sales, SALES))
        one.kill()
        other.kill()
        await asyncio.gather(one.wait(), other.wait())
    told = await check(sales)
    assert {"a", "b"} == {shop for shop, *_ in told}


async def test_rows_there_were_before_are_counted(database: Database) -> None:
    """Keeping totals begins with what is there."""
    state = await apply(database, MADE, {})
    await database.execute("insert into sale (id, shop, amount) values ('x', 'a', 3)")
    await apply(database, KEPT, state)
    assert {("a", None, 1, 3, 1)} == await check(database)


async def test_totals_are_kept_on_when_the_table_is_rebuilt(sales: Database) -> None:
    """SQLite makes a table anew to alter it; its triggers come along."""
    state = KEPT.after(MADE.after({}))
    await sales.execute("insert into sale (id, shop, amount) values ('x', 'a', 3)")
    await apply(sales, Migration([alter_column("sale", Column("note", "text", default=""))]), state)
    await sales.execute("insert into sale (id, shop, amount) values ('y', 'a', 4)")
    assert {("a", None, 2, 7, 2)} == await check(sales)


async def test_totals_can_be_dropped_and_kept_again(sales: Database) -> None:
    """The way back of `keep_totals`, and the way back of that."""
    state = KEPT.after(MADE.after({}))
    dropped = Migration([drop_totals("sale", "sale_total")])
    await sales.execute("insert into sale (id, shop, amount) values ('x', 'a', 3)")
    await apply(sales, dropped, state)
    await sales.execute("insert into sale (id, shop, amount) values ('y', 'a', 4)")
    assert 0 == await sales.fetch_value("select count(*) from sale_total")
    await apply(sales, dropped.reverse(state), dropped.after(state))
    assert {("a", None, 2, 7, 2)} == await check(sales)


@pytest.mark.parametrize(
    "operation",
    [
        rename_table("sale", "sold"),
        rename_column("sale", "shop", "branch"),
        drop_column("sale", "amount"),
        alter_column("sale", Column("amount", "int", null=True)),
    ],
)
def test_what_the_triggers_name_is_not_changed_under_them(operation: Any) -> None:
    """The message says what to do."""
    with pytest.raises(Misfit, match=r"counted in sale_total; put drop_totals before"):
        operation.after(KEPT.after(MADE.after({})))


def test_other_columns_come_and_go() -> None:
    """Totals are in nobody's way."""
    state = KEPT.after(MADE.after({}))
    for operation in (add_column("sale", Column("colour", "text", null=True)), drop_column("sale", "note")):
        state = operation.after(state)
    assert state["sale"].totals == (SALES,)


def test_totals_need_their_table() -> None:
    """With every column they are kept by."""
    lacking = Table("sale_total", (Column("shop", "text", null=True),))
    with pytest.raises(Misfit, match="no column 'currency'"):
        KEPT.after(Migration([create_table(SALE), create_table(lacking)]).after({}))


async def test_missing_triggers_are_drift(database: Database) -> None:
    """`crm doctor` tells of them."""
    from crmcore.pipelines.plugin import crm_migrations
    from crmcore.pipelines.tables import Deal

    source = MigrationSource("pipelines", crm_migrations(), [Deal])
    for spec in (source.state_before(None)["deal"], source.state_before(None)["deal_total"]):
        await apply(database, Migration([create_table(_alone(spec))]), {})
    told = await Migrator(database, [source]).drift()
    assert [
        "Table deal is declared to be counted in deal_total, but the triggers are missing; a migration has to keep_totals."
    ] == told


def _alone(spec: TableSpec) -> TableSpec:
    columns = tuple(Column(c.name, c.kind, c.null, c.default, c.primary) for c in spec.columns)
    return TableSpec(spec.name, columns, spec.indexes)
