"""The revision of all rights: one row that every change to roles, teams and people's state writes in its transaction.

Each request reads it together with its token or session, so rights that were compiled before a change are never used
after its commit, by whichever process. Writing it also puts such changes in a row, one after the other, which the rule
about the last administrator needs: two administrators who remove each other at the same moment cannot both succeed.
"""

from __future__ import annotations

from uuid import UUID

from crmcore.database import Database

__all__ = ["ROW", "changed"]

#: Id of the one row of `crm_access_state`; its migration inserts it.
ROW = UUID(int=0)


async def changed(database: Database) -> None:
    """Say, within a transaction, that rights change by it; other such transactions wait from here on."""
    await database.execute("update crm_access_state set revision = revision + 1 where id = $1", ROW)
