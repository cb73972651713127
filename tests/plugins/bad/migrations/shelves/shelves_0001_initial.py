"""Boards."""

from crmcore.database.migrations import Column, Migration, Table, create_table
from tests.plugins.bad.record import RECORD

migration = Migration(operations=[create_table(Table("shelves_board", (*RECORD, Column("width", "int"))))])
