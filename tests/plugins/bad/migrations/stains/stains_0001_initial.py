"""A table in words of its own, and no word of how it goes."""

from crmcore.database.migrations import Migration, sql

TABLE = "create table stains_spot (size integer)"
migration = Migration(operations=[sql(sqlite=TABLE, postgresql=TABLE, down_sqlite="", down_postgresql="")])
