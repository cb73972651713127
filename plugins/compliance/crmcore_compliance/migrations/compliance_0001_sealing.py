"""Sealing: a migration of compliance."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "compliance_column",
                (
                    Column("id", "id", primary=True),
                    Column("field", "text"),
                    Column("entity", "text"),
                    Column("column", "text"),
                    Column("state", "enum"),
                    Column("work", "enum", null=True),
                    Column("paused", "bool", default=False),
                    Column("reached", "text", null=True),
                    Column("in_feed", "bool", default=False),
                    Column("done", "bigint", default=0),
                    Column("total", "bigint", default=0),
                    Column("problem", "text", null=True),
                    Column("began_at", "instant", null=True),
                    Column("ended_at", "instant", null=True),
                ),
                indexes=(Index(("field",), unique=True),),
            ),
        ),
        create_table(
            Table(
                "compliance_index",
                (
                    Column("id", "id", primary=True),
                    Column("number", "int"),
                    Column("field", "text"),
                    Column("kind", "enum"),
                    Column("version", "int", default=1),
                    Column("normaliser", "text"),
                    Column("bits", "int"),
                    Column("unicode", "text"),
                    Column("state", "enum"),
                    Column("made_at", "instant"),
                ),
                indexes=(
                    Index(("number",), unique=True),
                    Index(("field", "kind", "version"), unique=True),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_token",
                (
                    Column("id", "id", primary=True),
                    Column("number", "int"),
                    Column("token", "bigint"),
                    Column("record_id", "id"),
                    Column("subject_id", "id", null=True),
                ),
                indexes=(
                    Index(("number", "token")),
                    Index(("record_id",)),
                    Index(("subject_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "compliance_unique",
                (
                    Column("id", "id", primary=True),
                    Column("number", "int"),
                    Column("token", "text"),
                    Column("record_id", "id"),
                    Column("subject_id", "id", null=True),
                ),
                indexes=(
                    Index(("number", "token"), unique=True),
                    Index(("record_id",)),
                    Index(("subject_id",)),
                ),
            ),
        ),
    ]
)
