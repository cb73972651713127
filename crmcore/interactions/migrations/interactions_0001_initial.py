"""Initial: a migration of interactions."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "interaction",
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
                    Column("custom_fields", "json", null=True),
                    Column("kind", "text"),
                    Column("channel", "text", null=True),
                    Column("direction", "enum", default="INTERNAL"),
                    Column("status", "enum", default="PLANNED"),
                    Column("subject", "text", null=True),
                    Column("body", "text", null=True),
                    Column("body_format", "enum", default="PLAIN"),
                    Column("occurred_at", "instant", null=True),
                    Column("ended_at", "instant", null=True),
                    Column("duration_seconds", "int", null=True),
                    Column("due_at", "instant", null=True),
                    Column("completed_at", "instant", null=True),
                    Column("customer_id", "id", null=True, references="customer"),
                    Column("deal_id", "id", null=True, references="deal", on_delete="SET NULL"),
                    Column("assignee_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
                    Column("outcome", "text", null=True),
                    Column("next_step", "text", null=True),
                    Column("sentiment", "float", null=True),
                    Column("satisfaction_score", "int", null=True),
                    Column("thread_key", "text", null=True),
                    Column("external_id", "text", null=True),
                    Column("visibility", "enum", default="ALL"),
                    Column("is_pinned", "bool", default=False),
                    Column("is_internal", "bool", default=False),
                ),
                indexes=(
                    Index(("customer_id", "occurred_at desc")),
                    Index(("deal_id", "occurred_at desc")),
                    Index(("assignee_id", "status", "due_at")),
                    Index(("owner_id",)),
                    Index(("team_id",)),
                    Index(("occurred_at",)),
                    Index(("thread_key",), where="thread_key is not null"),
                    Index(("channel", "external_id"), unique=True, live=True, where="external_id is not null"),
                ),
            ),
        ),
        create_table(
            Table(
                "interaction_participant",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("interaction_id", "id", references="interaction", on_delete="CASCADE"),
                    Column("customer_id", "id", null=True, references="customer", on_delete="CASCADE"),
                    Column("user_id", "id", null=True, references="crm_user", on_delete="CASCADE"),
                    Column("raw_address", "text", null=True),
                    Column("role", "enum", default="ATTENDEE"),
                    Column("response", "enum", default="NONE"),
                ),
                indexes=(
                    Index(("interaction_id",)),
                    Index(("customer_id",)),
                    Index(("user_id",)),
                ),
            ),
        ),
    ]
)
