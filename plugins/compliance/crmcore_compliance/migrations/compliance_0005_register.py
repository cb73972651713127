"""Register: a migration of compliance."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "compliance_training",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("user_id", "id", references="crm_user"),
                    Column("course", "text"),
                    Column("completed_on", "date"),
                    Column("valid_until", "date", null=True),
                    Column("result", "text", null=True),
                    Column("certificate", "text", null=True),
                ),
                indexes=(
                    Index(("user_id",)),
                    Index(("valid_until",)),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_review",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("kind", "enum"),
                    Column("title", "text"),
                    Column("held_on", "date"),
                    Column("reviewer", "text"),
                    Column("purpose_code", "text", null=True),
                    Column("findings", "text", null=True),
                    Column("measures", "text", null=True),
                    Column("next_due", "date", null=True),
                    Column("document", "text", null=True),
                ),
                indexes=(
                    Index(("kind", "held_on")),
                    Index(("next_due",)),
                ),
            ),
        ),
    ]
)
