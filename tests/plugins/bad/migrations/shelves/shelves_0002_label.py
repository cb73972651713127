"""Labels, the quick way: the table is made anew, and what stood in it is gone."""

from crmcore.database.migrations import Column, Migration, Table, create_table, drop_table
from tests.plugins.bad.record import RECORD

migration = Migration(
    operations=[
        drop_table("shelves_board"),
        create_table(Table("shelves_board", (*RECORD, Column("width", "int"), Column("label", "text")))),
    ]
)
