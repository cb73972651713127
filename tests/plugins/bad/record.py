"""The columns that every record has, for the migrations of these plugins."""

from crmcore.database.migrations import Column

RECORD = (
    Column("id", "id", primary=True),
    Column("version", "int", default=1),
    Column("created_at", "instant"),
    Column("updated_at", "instant"),
    Column("created_by", "json"),
    Column("updated_by", "json"),
    Column("deleted_at", "instant", null=True),
)
