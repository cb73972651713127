"""Which driver an address needs."""

from __future__ import annotations

from crmcore.database.address import Address
from crmcore.database.connection import Driver
from crmcore.database.failures import Keys
from crmcore.database.postgresql.driver import PostgresDriver
from crmcore.database.sqlite.driver import SqliteDriver

__all__ = ["driver_of"]


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
