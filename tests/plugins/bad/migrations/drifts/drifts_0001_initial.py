"""The table as it was once."""

from crmcore.database.migrations import Column, Migration, Table, create_table
from tests.plugins.bad.record import RECORD

migration = Migration(operations=[create_table(Table("drift", (*RECORD, Column("grains", "int"))))])
