"""What a statement locks and rewrites is what a server does when it runs."""

from __future__ import annotations

import asyncpg
import pytest

from crmcore import Crm, Settings
from crmcore.testing.postgresql import Server
from crmcore.upgrade.effects import effect_of

_HILL = (
    "create table hill (id uuid primary key, size int, name text)",
    "insert into hill select gen_random_uuid(), n, n::text from generate_series(1, 10) n",
    "create index hill_size on hill (size)",
    "create function hill_told() returns trigger language plpgsql as 'begin return new; end'",
    "create trigger hill_old after insert on hill for each row execute function hill_told()",
    "create table forest (id uuid primary key)",
)
_STATEMENTS = (
    "select * from hill",
    "create table ant (id uuid primary key)",
    "create table ant (id uuid primary key, hill_id uuid references hill (id))",
    'create index "hill_name" on "hill" ("name")',
    "create unique index hill_both on hill (name, size) where size > 3",
    "alter index hill_size rename to hill_by_size",
    'alter table "hill" add column "age" integer',
    'alter table "hill" add column "age" integer not null default 3',
    'alter table "hill" add column "key" uuid not null default gen_random_uuid()',
    'alter table "hill" add column "twice" int generated always as (size * 2) stored',
    'alter table "hill" add column "forest_id" uuid constraint "f" references "forest" ("id") on delete cascade',
    'alter table "hill" drop column "size"',
    "alter table hill alter column size type bigint",
    "alter table hill alter column size set not null",
    "alter table hill alter column size set default 3",
    "alter table hill alter column size drop default",
    "alter table hill rename column size to width",
    'alter table "hill" rename to "mound"',
    "alter table hill add constraint f foreign key (id) references forest (id) not valid",
    "alter table forest add constraint f foreign key (id) references hill (id)",
    "alter table hill add constraint positive check (size > 0)",
    "alter table hill add constraint once unique (name)",
    "create trigger hill_new after update on hill for each row execute function hill_told()",
    "drop trigger hill_old on hill",
    "create or replace function hill_asked() returns int language sql as 'select 1'",
    "drop table hill",
    "insert into hill (id) values (gen_random_uuid())",
    "update hill set size = 1",
    "delete from hill",
)
_LOCKS = """
    select relation, mode from pg_locks
    where pid = pg_backend_pid() and relation = any($1) and granted and mode <> 'AccessShareLock'
"""
_STRENGTH = ("RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock")  # fmt: skip


@pytest.fixture
async def hills(crm_postgresql: Server) -> asyncpg.Connection:
    """A database with ten hills in no forest."""
    server = await asyncpg.connect(crm_postgresql.url("postgres"))
    await server.execute("create database hills")
    try:
        connection = await asyncpg.connect(crm_postgresql.url("hills"))
        for statement in _HILL:
            await connection.execute(statement)
        yield connection
        await connection.close()
    finally:
        await server.execute("drop database hills with (force)")
        await server.close()


async def test_postgresql_locks_and_rewrites_what_is_said(hills: asyncpg.Connection) -> None:
    """Each statement runs once; the strongest lock on each table and whether its file is another are compared."""
    said = {text: _said(text) for text in _STATEMENTS}
    done = {text: await _done(hills, text) for text in _STATEMENTS}

    assert said == done


def _said(text: str) -> tuple[dict[str, str], bool]:
    effect = effect_of("postgresql", text)
    # An index that is renamed is locked itself, not its table.
    locks = {effect.table: effect.lock} if effect.table and effect.lock else {}
    for other in effect.others:
        locks.setdefault(other, "SHARE ROW EXCLUSIVE")
    return {str(table): str(lock) for table, lock in locks.items()}, effect.rewrites


async def _done(hills: asyncpg.Connection, text: str) -> tuple[dict[str, str], bool]:
    node = "select relfilenode from pg_class where oid = $1"
    tables = dict(await hills.fetch("select oid, relname from pg_class where relname in ('hill', 'forest')"))
    (hill,) = (oid for oid, name in tables.items() if name == "hill")
    transaction = hills.transaction()
    await transaction.start()
    try:
        before = await hills.fetchval(node, hill)
        await hills.execute(text)
        locks: dict[str, str] = {}
        for oid, mode in await hills.fetch(_LOCKS, list(tables)):
            locks[tables[oid]] = max(locks.get(tables[oid], mode), mode, key=_STRENGTH.index)
        after = await hills.fetchval(node, hill)
    finally:
        await transaction.rollback()
    return {table: _words(mode) for table, mode in locks.items()}, after not in (None, before)


def _words(mode: str) -> str:
    return "".join(f" {c}" if c.isupper() else c for c in mode.removesuffix("Lock")).strip().upper()


@pytest.mark.parametrize("url", ["sqlite:///never.db", "postgresql://nobody@nowhere/never"])
def test_nothing_that_migrations_do_is_unknown(url: str) -> None:
    """Of crmcore's own migrations every statement is understood."""
    migrator = Crm(Settings(database=url), installed=False).migrator
    dialect = url.partition(":")[0]
    statements = [sql for file in migrator.missing({}) for sql in migrator.planned(file).statements]

    assert [] == [sql for sql in statements if effect_of(dialect, sql).lock == "not known" and not sql.startswith("--")]


@pytest.mark.parametrize(
    ("statement", "reads", "rewrites"),
    [
        ('create table "ant" ("id" uuid)', False, False),
        ('create index "hill_size" on "hill" ("size")', True, False),
        ('alter table "hill" add column "age" int', False, False),
        ('alter table "hill" drop column "age"', True, True),
        ('insert into "hill_new" ("id") select "id" from "hill"', True, True),
        ("update hill set size = 1", True, False),
    ],
)
def test_sqlite_locks_its_file(statement: str, reads: bool, rewrites: bool) -> None:
    """There is one lock; what differs is how long it takes."""
    effect = effect_of("sqlite", statement)

    assert ("the file", reads, rewrites) == (effect.lock, effect.reads, effect.rewrites)


def test_what_python_does_is_not_known() -> None:
    """Nobody can tell from outside which rows a function writes."""
    assert "not known" == effect_of("postgresql", "-- runs the Python function fill").lock
