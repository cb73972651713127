"""Lots say as what their points came, so that a move of its own need not; of those that are there, moves say it as before."""

from crmcore.database.migrations import Column, Migration, add_column

migration = Migration(operations=[add_column("loyalty_lot", Column("came_as", "enum", null=True))])
