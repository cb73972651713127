"""What the tests of killed and competing processes run: `python -m tests.database.processes JOB URL [FOLDER]`."""

# ruff: noqa: T201 - printing is how they talk to the test

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from crmcore import clock
from crmcore.database import Database
from crmcore.database.migrations import MigrationSource, Migrator


async def transfer(database: Database, _: str) -> None:
    """Move one from the first row to the second for ever; say how often it was committed."""
    moved = 0
    while True:
        async with database.transaction():
            await database.execute("update counter set n = n - 1 where id = $1", 1)
            await database.execute("update counter set n = n + 1 where id = $1", 2)
        moved += 1
        print(moved, flush=True)


async def linger(database: Database, _: str) -> None:
    """Write, and never come to the end."""
    async with database.transaction():
        await database.execute("update counter set n = 5 where id = $1", 1)
        print("inside", flush=True)
        await asyncio.Event().wait()


async def sell(database: Database, shop: str) -> None:
    """Add sales, change and delete them for ever, one transaction each; say how many are through."""
    done = 0
    while True:
        async with database.transaction():
            sale = f"{shop}-{done}"
            await database.execute("insert into sale (id, shop, amount) values ($1, $2, $3)", sale, "all", done)
            await database.execute("update sale set shop = $2, amount = amount + 1 where id = $1", sale, shop)
            if done % 3 == 0:
                await database.execute("update sale set deleted_at = $2 where id = $1", sale, clock.now())
        done += 1
        print(done, flush=True)


async def migrate(database: Database, folder: str) -> None:
    """Apply a folder of migrations and say which."""
    for file in await Migrator(database, [MigrationSource("shop", Path(folder))]).up():
        print(file, flush=True)


async def main(job: str, url: str, folder: str = "") -> None:
    """Open the database and do the job."""
    database = Database.from_url(url)
    await database.open()
    await {"transfer": transfer, "linger": linger, "migrate": migrate, "sell": sell}[job](database, folder)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
