"""Which driver an address needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from crmcore.database.address import Address
from crmcore.database.connection import Driver
from crmcore.database.failures import Keys
from crmcore.database.gathering import Gathering
from crmcore.database.group_commit import GroupCommit
from crmcore.database.postgresql import group as postgresql_group
from crmcore.database.postgresql.driver import PostgresDriver
from crmcore.database.postgresql.together import prepare
from crmcore.database.sqlite import group as sqlite_group
from crmcore.database.sqlite.driver import SqliteDriver
from crmcore.database.sqlite.rounds import Rounds

__all__ = ["driver_of", "gathering_of", "group_of"]


def driver_of(address: Address, pool_size: int, limit: float, keys: Keys) -> Driver:
    """Make the driver of a database.

    Args:

        address: where it is.
        pool_size: how many connections there may be.
        limit: seconds that a statement may take.
        keys: the bound tables' unique indexes.
    """
    if address.path is not None:
        return SqliteDriver(address.path, pool_size, limit, keys)
    return PostgresDriver(address, pool_size, limit, keys)


def gathering_of(address: Address, driver: Driver, went: Callable[[int], None]) -> Gathering | Rounds | None:
    """Make what has reads go together, where that is worth it.

    Behind PgBouncer each statement is prepared and planned anew, and one for many reads would be compiled besides.

    Args:

        address: where the database is.
        driver: its own.
        went: told of each group how many reads it had.
    """
    if isinstance(driver, SqliteDriver):
        return Rounds(driver.readers, driver.slow, went)
    if address.pooled:
        return None
    return Gathering(partial(prepare, driver.readers), went)


def group_of(address: Address, driver: Driver, went: Callable[[int], None]) -> GroupCommit | None:
    """Make what has transactions committed together that wait for nothing, where statements can travel with others.

    Of the others, those that end in the same round are committed together by SQLite's writer.

    Args:

        address: where the database is.
        driver: its own.
        went: told of each group how many transactions it had.
    """
    if isinstance(driver, SqliteDriver):
        driver.went = went
        return GroupCommit(partial(sqlite_group.prepare_group, driver.writers), went, in_turn=True)
    if address.pooled:
        return None
    return GroupCommit(partial(postgresql_group.prepare_group, driver.writers), went)
