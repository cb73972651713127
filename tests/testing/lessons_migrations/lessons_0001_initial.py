"""Lessons and their notes."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

_RECORD = (
    Column("id", "id", primary=True),
    Column("version", "int", default=1),
    Column("created_at", "instant"),
    Column("updated_at", "instant"),
    Column("created_by", "json"),
    Column("updated_by", "json"),
    Column("deleted_at", "instant", null=True),
)

migration = Migration(
    operations=[
        create_table(
            Table(
                "lesson",
                (
                    *_RECORD,
                    Column("owner_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
                    Column("team_id", "id", null=True, references="crm_team", on_delete="SET NULL"),
                    Column("customer_id", "id", references="customer", on_delete="CASCADE"),
                    Column("about_id", "id"),
                    Column("about_type", "text"),
                    Column("place", "text"),
                    Column("code", "text"),
                    Column("email", "text"),
                    Column("website", "text"),
                    Column("country", "text"),
                    Column("zone", "text"),
                    Column("mood", "text"),
                    Column("guests", "int"),
                    Column("length", "float"),
                    Column("at", "instant"),
                    Column("day", "date"),
                    Column("plan", "json"),
                    Column("price", "bigint"),
                    Column("price_currency", "text", null=True),
                ),
                indexes=(
                    Index(("customer_id",)),
                    Index(("owner_id",)),
                    Index(("team_id",)),
                    Index(("code",), unique=True, live=True),
                ),
            ),
        ),
        create_table(
            Table(
                "lesson_note",
                (
                    *_RECORD,
                    Column("lesson_id", "id", references="lesson", on_delete="CASCADE"),
                    Column("text", "text"),
                ),
                indexes=(Index(("lesson_id",)),),
            ),
        ),
    ]
)
