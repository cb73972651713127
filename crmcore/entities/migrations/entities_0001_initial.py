"""Initial: a migration of entities."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "crm_idempotency_key",
                (
                    Column("id", "id", primary=True),
                    Column("actor", "text"),
                    Column("key", "text"),
                    Column("fingerprint", "text"),
                    Column("outcome", "text"),
                    Column("at", "instant"),
                ),
                indexes=(
                    Index(("actor", "key"), unique=True),
                    Index(("at",)),
                ),
            ),
        ),
    ]
)
