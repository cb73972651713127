"""Initial: a migration of tasks."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "task",
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
                    Column("title", "text"),
                    Column("notes", "text", null=True),
                    Column("subject_id", "id", null=True),
                    Column("subject_type", "text", null=True),
                    Column("assignee_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
                    Column("status", "enum", default="OPEN"),
                    Column("priority", "enum", default="NORMAL"),
                    Column("due_at", "instant", null=True),
                    Column("repeat", "text", null=True),
                    Column("repeat_timezone", "text", null=True),
                    Column("previous_id", "id", null=True, references="task", on_delete="SET NULL"),
                    Column("done_at", "instant", null=True),
                ),
                indexes=(
                    Index(("assignee_id", "status", "due_at"), live=True),
                    Index(("subject_type", "subject_id")),
                    Index(("owner_id",)),
                    Index(("team_id",)),
                    Index(("previous_id",), unique=True),
                ),
            ),
        ),
        create_table(
            Table(
                "task_checklist_item",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("task_id", "id", references="task", on_delete="CASCADE"),
                    Column("text", "text"),
                    Column("position", "int", default=0),
                    Column("is_done", "bool", default=False),
                ),
                indexes=(Index(("task_id", "position")),),
            ),
        ),
    ]
)
