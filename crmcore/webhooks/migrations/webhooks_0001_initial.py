"""Initial: a migration of webhooks."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "crm_webhook_endpoint",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("url", "text"),
                    Column("description", "text", null=True),
                    Column("event_types", "json"),
                    Column("filter", "json", null=True),
                    Column("enabled", "bool", default=True),
                    Column("ordered", "bool", default=False),
                    Column("at_once", "int", default=5),
                    Column("user_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
                    Column("role_id", "id", null=True, references="crm_role", on_delete="SET NULL"),
                    Column("scopes", "json", null=True),
                    Column("failing_since", "instant", null=True),
                    Column("disabled_reason", "text", null=True),
                ),
                indexes=(
                    Index(("user_id",)),
                    Index(("role_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_webhook_delivery",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("endpoint_id", "id", references="crm_webhook_endpoint", on_delete="CASCADE"),
                    Column("message_id", "text"),
                    Column("event_type", "text"),
                    Column("record", "text", null=True),
                    Column("state", "enum", default="WAITING"),
                    Column("attempts", "int", default=0),
                    Column("attempted_at", "instant", null=True),
                    Column("next_at", "instant", null=True),
                    Column("status", "int", null=True),
                    Column("milliseconds", "int", null=True),
                    Column("answer", "text", null=True),
                    Column("error", "text", null=True),
                ),
                indexes=(
                    Index(("endpoint_id", "message_id"), unique=True),
                    Index(("endpoint_id", "id desc")),
                    Index(("updated_at",), where="state <> 'WAITING'"),
                    Index(("message_id",), where="state = 'WAITING'"),
                ),
            ),
        ),
        create_table(
            Table(
                "crm_webhook_secret",
                (
                    Column("id", "id", primary=True),
                    Column("endpoint_id", "id", references="crm_webhook_endpoint", on_delete="CASCADE"),
                    Column("secret", "text"),
                    Column("expires_at", "instant", null=True),
                ),
                indexes=(Index(("endpoint_id",)),),
            ),
        ),
        create_table(
            Table(
                "crm_webhook_cursor",
                (
                    Column("id", "id", primary=True),
                    Column("cursor", "text"),
                ),
            ),
        ),
    ]
)
