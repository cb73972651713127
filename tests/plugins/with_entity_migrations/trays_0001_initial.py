"""Initial: a migration of trays."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "tray",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("name", "text"),
                    Column("customer_id", "id", references="customer", on_delete="CASCADE"),
                ),
                indexes=(Index(("customer_id",)),),
            ),
        ),
        create_table(
            Table(
                "tray_dust",
                (
                    Column("id", "id", primary=True),
                    Column("grams", "int"),
                ),
            ),
        ),
    ]
)
