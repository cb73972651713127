"""The whole of CDNOW's file, imported twice and compared with itself: `python tests/cdnow.py CDNOW_master.txt DATABASE`.

DATABASE is the address of an empty one, for example `sqlite:///cdnow.db`. It takes minutes, so the tests read only the
file's beginning; they are told by this how many rows a second an import has.
"""

from __future__ import annotations

import asyncio
import sys
from importlib.resources import as_file, files
from pathlib import Path
from time import perf_counter
from typing import Any

import click
from crmcore_orders.verify import verify

from crmcore import Actor, Crm, Settings
from crmcore.interchange import import_csv

Figures = tuple[int, int, int, int]
_FIGURES = """
select (select count(*) from customer) as customers, count(*) as purchases,
    (select cast(sum(quantity) as bigint) from order_line) as pieces, cast(sum(total) as bigint) as cents
from orders_order
"""


def written(file: Path) -> Figures:
    """Return customers, purchases, CDs and cents as the file has them."""
    rows = [line.split() for line in file.read_text(encoding="ascii").splitlines()[1:]]
    cents = sum(int(dollars.replace(".", "")) for *_, dollars in rows)
    return len({who for who, *_ in rows}), len(rows), sum(int(pieces) for _, _, pieces, _ in rows), cents


async def kept(crm: Crm) -> Figures:
    """Return the same figures as the database has them."""
    (found,) = await crm.run(Actor.system("cdnow"), lambda work: work.rows(_FIGURES))
    return found["customers"], found["purchases"], found["pieces"], found["cents"]


async def load(crm: Crm, file: Path) -> Any:
    """Import the file by the shipped mapping; return the report and the seconds it took."""
    began = perf_counter()
    with as_file(files("crmcore_orders") / "mappings" / "cdnow.toml") as mapping:
        report = await import_csv(crm, mapping, file, actor=Actor.system("cdnow"))
    return report, perf_counter() - began


async def main(file: Path, database: str) -> None:
    """Import twice; end with 1 if anything differs."""
    crm = Crm(Settings(database=database))
    await crm.start(migrate="new")
    expected = written(file)
    click.echo("file:     customers {}, purchases {}, CDs {}, cents {}".format(*expected))
    for turn in ("first", "again"):
        report, seconds = await load(crm, file)
        counts = {name: (count.created, count.updated, count.unchanged) for name, count in report.records.items()}
        click.echo(
            f"{turn}:    {seconds:.1f} s, {report.rows / seconds:,.0f} rows a second, {report.refused} refused, {counts}"
        )
        found = await kept(crm)
        click.echo("database: customers {}, purchases {}, CDs {}, cents {}".format(*found))
        if found != expected or report.refused:
            sys.exit("The database differs from the file.")
    differing = await crm.run(Actor.system("cdnow"), verify)
    await crm.stop()
    if differing:
        sys.exit(f"{len(differing)} amounts disagree, for example of {differing[0].number}.")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
