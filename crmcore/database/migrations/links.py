"""Links that would lead to a table that is gone: PostgreSQL refuses them by itself, SQLite only once there are rows."""

from __future__ import annotations

from crmcore.database.facade import Database
from crmcore.database.migrations.migration import Misfit

__all__ = ["check_links"]

_DANGLING = """
    select t.name, f."table" from sqlite_master t, pragma_foreign_key_list(t.name) f
    where t.type = 'table' and not exists (select 1 from sqlite_master m where m.type = 'table' and m.name = f."table")
    order by t.name
"""


async def check_links(database: Database) -> None:
    """Look at all tables, at the end of a migration.

    Raises:

        Misfit: tables link to tables that do not exist.
    """
    if database.dialect != "sqlite":
        return
    if dangling := await database.fetch(_DANGLING):
        which = ", ".join(f"{table} links to {target}" for table, target in dangling)
        msg = f"Tables would link to tables that are gone ({which}); drop those links or tables first."
        raise Misfit(msg)
