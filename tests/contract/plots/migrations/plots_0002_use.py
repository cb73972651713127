"""What plots are for."""

from crmcore.database.migrations import Column, Migration, add_column

migration = Migration(operations=[add_column("plot", Column("use", "enum", default="FIELD"))])
