"""What was deleted goes from the files of the database too, as far as it lets us."""

from __future__ import annotations

from crmcore.database import Database
from crmcore.search.entry import INDEX

__all__ = ["scour"]


async def scour(database: Database) -> None:
    """Have SQLite drop the words of deleted records from the index of search, and what its log has of pages.

    FTS5 only marks words as deleted until it merges the parts of the index that have them. PostgreSQL's vacuum does all
    that in its own time. Free pages of either may keep what was not sealed until they are used again.
    """
    if database.dialect == "sqlite":
        async with database.transaction():
            await database.script(["pragma secure_delete = on", f"insert into {INDEX} ({INDEX}) values ('optimize')"])
        # Readers may hold that up until the next time.
        await database.script(["pragma wal_checkpoint(truncate)"])
