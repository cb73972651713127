"""Jobs that were put aside because nobody wanted them, and come back when somebody does."""

from __future__ import annotations

from collections.abc import Collection

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.jobs.states import State

__all__ = ["bring_back", "names_aside"]

# SQLite uses the index of these rows only if its condition stands in the statement word by word.
_ASIDE = f"state = {State.ASIDE.value}"


async def names_aside(database: Database) -> frozenset[str]:
    """Return the names of the jobs that are put aside.

    It goes from name to name along an index, so a hundred thousand jobs of one name cost as little as one.
    """
    first = f"select name from crm_job where {_ASIDE} order by name limit 1"
    after = f"select name from crm_job where {_ASIDE} and name > $1 order by name limit 1"
    found: set[str] = set()
    name = await database.fetch_value(first)
    while name is not None:
        found.add(name)
        name = await database.fetch_value(after, name)
    return frozenset(found)


async def bring_back(database: Database, names: Collection[str], most: int) -> int:
    """Let workers have jobs again, those first that were put first.

    Args:

        database: where they are.
        names: of the jobs.
        most: how many at most.

    Returns:

        how many there were.
    """
    named = members(database.dialect, "$1", "text")
    chosen = f"select id from crm_job where {_ASIDE} and name in ({named}) order by position limit $2"
    sql = f"update crm_job set state = {State.READY.value} where id in ({chosen})"
    if database.dialect == "postgresql":
        # PostgreSQL may run a sub-select again and again, and one that locks gives other rows each time.
        again = f"update crm_job set state = {State.READY.value} where id in (select id from chosen)"
        sql = f"with chosen as materialized ({chosen} for update skip locked) {again}"
    return await database.execute(sql, list(names), most)
