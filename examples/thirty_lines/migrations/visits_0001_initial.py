"""Initial: a migration of visits."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "visit",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("owner_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
                    Column("team_id", "id", null=True, references="crm_team", on_delete="SET NULL"),
                    Column("customer_id", "id", references="customer"),
                    Column("began_at", "instant"),
                    Column("purpose", "text"),
                    Column("cost", "bigint", null=True),
                    Column("cost_currency", "text", null=True),
                ),
                indexes=(Index(("customer_id", "began_at desc")),),
            ),
        ),
    ]
)
