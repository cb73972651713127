"""Initial: a migration of perks."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "perks_account",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("customer_id", "id", references="customer", on_delete="CASCADE"),
                    Column("points", "int", default=0),
                    Column("level", "text", default="BRONZE"),
                ),
                indexes=(Index(("customer_id",), unique=True, live=True),),
            ),
        ),
    ]
)
