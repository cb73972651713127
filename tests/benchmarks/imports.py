"""How fast an import is, as a share of what the database itself can: `python -m tests.benchmarks.imports`.

The same rows are imported into one copy of an empty CRM's database, and loaded into another by the database's own bulk load:
COPY of text as pg_dump writes it on PostgreSQL, one executemany a table in one transaction on SQLite, with the same indexes,
foreign keys and triggers. "All" is all that an import writes (records, events, the index of search; totals are written by
triggers), "records" is the records alone. The two take turns, so that a machine that is busy with other things disturbs them
alike; of the rounds' ratios the median counts.

    python -m tests.benchmarks.imports --what orders --file CDNOW_master.txt     # needs the plugin orders
    python -m tests.benchmarks.imports --rows 5000 --rounds 3                     # of customers and interactions, made up
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from random import Random
from re import sub
from statistics import median
from typing import Any

import click

from crmcore import Actor, Crm, Settings
from crmcore.interchange import import_csv
from tests.benchmarks.bulk import Base, PostgresqlBase, Spent, SqliteBase
from tests.benchmarks.postgresql import postgresql

__all__ = ["Case", "Figures", "measure", "purchases"]

#: What is written beside records.
_BESIDE = ("crm_event", "crm_search_entry", "crm_job")
_MAPPING = """
title = "Purchases as interactions"
csv = { delimiter = "blanks", header = ["customer_id", "date", "number_of_cds", "dollar_value"] }
[[records]]
entity = "customer"
external = { system = "shop", id = "customer_id" }
fields.legalName = { text = "Customer {customer_id}" }
values.kind = "ORGANIZATION"
[[records]]
entity = "interaction"
external = { system = "shop", id = { text = "{customer_id}-{crm_line}" } }
values = { kind = "NOTE", status = "COMPLETED" }
fields.customerId = { record = "customer" }
fields.occurredAt = { column = "date", date = "%Y%m%d" }
fields.subject = { text = "{number_of_cds} CDs for {dollar_value}" }
"""


@dataclass(frozen=True)
class Case:
    """What is imported.

    Attributes:

        plugins: that it needs.
        mapping: the mapping file.
        source: the file.
    """

    plugins: tuple[Any, ...]
    mapping: Path
    source: Path


@dataclass(frozen=True)
class Figures:
    """One round.

    Attributes:

        rows: rows of the file.
        written: rows that were written, by table.
        imported: what the import took.
        loaded: what the bulk load of all that it wrote took.
        records: what the bulk load of the records alone took.
    """

    rows: int
    written: Mapping[str, int]
    imported: Spent
    loaded: Spent
    records: Spent


def purchases(rows: int) -> Iterator[str]:
    """Yield purchases in the shape of the CDNOW data, a third of them by new customers."""
    random = Random(rows)
    for n in range(rows):
        day = f"{random.randint(1997, 1998)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
        yield f" {random.randint(1, n // 3 + 1):05} {day} {random.randint(1, 9):2} {random.randint(0, 20_000) / 100:6.2f}\n"


async def measure(base: Base, case: Case, rounds: int) -> list[Figures]:
    """Import and load in turns; `base` is migrated first."""
    crm = Crm(Settings(database=base.url), plugins=case.plugins, installed=False)
    await crm.start(migrate="always")
    records = [str(table._meta.tablename) for source in crm._migrations for table in source.tables]
    tables = dict.fromkeys([*(table for table in records if table not in _BESIDE), *_BESIDE])
    await crm.stop()
    return [await _round(base, case, tables) for _ in range(rounds)]


async def _round(base: Base, case: Case, tables: Iterable[str]) -> Figures:
    crm = Crm(Settings(database=await base.copy("imported")), plugins=case.plugins, installed=False)
    await crm.start()
    with base.timed() as took:
        report = await import_csv(crm, case.mapping, case.source, actor=Actor.system("benchmark"))
    await crm.stop()
    assert not report.refused, report.first_refusals
    rows = await base.written(crm.settings.database, tables)
    loaded = await base.load(await base.copy("loaded"), rows)
    own = {table: kept for table, kept in rows.items() if table not in _BESIDE}
    records = await base.load(await base.copy("loaded"), own)
    return Figures(report.rows, {table: count for table, (count, _) in rows.items()}, took, loaded, records)


def _case(asked: argparse.Namespace, folder: Path) -> Case:
    source = folder / "purchases.txt"
    if asked.file is None:
        source.write_text("".join(purchases(asked.rows)), encoding="utf-8")
    else:
        lines = asked.file.read_text("utf-8").splitlines(keepends=True)
        source.write_text("".join(lines[: asked.rows + 1] if asked.rows else lines), encoding="utf-8")
    if asked.what == "orders":
        plugin = import_module("crmcore_orders.plugin")
        vars(plugin).setdefault("plugin_name", "orders")  # as its entry point does
        mapping = Path(plugin.__file__ or "").with_name("mappings") / "cdnow.toml"
        if asked.file is None:
            source.write_text("customer_id date number_of_cds dollar_value\n" + source.read_text("utf-8"), "utf-8")
        return Case((plugin,), mapping, source)
    named = _MAPPING if asked.file is None else sub(r", header = \[.*\]", "", _MAPPING)
    mapping = folder / "mapping.toml"
    mapping.write_text(named, encoding="utf-8")
    return Case((), mapping, source)


@contextmanager
def _base(dialect: str, folder: Path) -> Iterator[Base]:
    if dialect == "sqlite":
        yield SqliteBase(f"sqlite:///{folder / 'base.db'}")
        return
    with postgresql(folder / "postgresql") as (server, pid):
        created = asyncio.run(_created(server.url("postgres")))
        yield PostgresqlBase(server.url(created), pid)


async def _created(url: str) -> str:
    # Heavy, and not needed for SQLite.
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "create database base template template0 locale_provider builtin builtin_locale 'C.UTF-8'"
        )
    finally:
        await connection.close()
    return "base"


def _show(dialect: str, found: list[Figures]) -> None:
    last = found[-1]
    written = ", ".join(f"{table} {count:,}" for table, count in last.written.items())
    click.echo(f"{dialect}: {last.rows:,} rows become {written}.")
    click.echo(f"  import {median(f.rows / f.imported.seconds for f in found):,.0f} rows/s")
    for name, loads in (("all", [f.loaded for f in found]), ("records", [f.records for f in found])):
        pairs = [(load, f.imported) for f, load in zip(found, loads, strict=True)]
        ratio = median(load.seconds / took.seconds for load, took in pairs)
        worked = median(load.worked / took.worked for load, took in pairs)
        rate = median(last.rows / load.seconds for load in loads)
        click.echo(f"  bulk load of {name} {rate:,.0f} rows/s: ratio {ratio:.2f}, by processor time {worked:.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", choices=["interactions", "orders"], default="interactions")
    parser.add_argument("--file", type=Path, help="a file such as CDNOW_master.txt; without, purchases are made up")
    parser.add_argument("--rows", type=int, default=20_000, help="how many; 0 is all of the file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    for dialect in asked.database or ["postgresql", "sqlite"]:
        with tempfile.TemporaryDirectory() as kept, _base(dialect, Path(kept)) as base:
            _show(dialect, asyncio.run(measure(base, _case(asked, Path(kept)), asked.rounds)))


if __name__ == "__main__":
    main()
