"""Ladders of tiers, and who stands where on them."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "loyalty_tier_group",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("program_id", "id", references="loyalty_program"),
                    Column("code", "text"),
                    Column("name", "text"),
                    Column("metric", "enum", default="POINTS"),
                    Column("currency_id", "id", null=True, references="loyalty_currency"),
                    Column("money", "text", null=True),
                    Column("counts_before", "bool", default=False),
                    Column("activity", "text", null=True),
                    Column("period", "enum", default="CALENDAR"),
                    Column("months", "int", default=12),
                    Column("start_month", "int", default=1),
                    Column("keep_periods", "int", default=1),
                    Column("grace_days", "int", default=0),
                    Column("downgrade", "enum", default="ONE_LEVEL"),
                    Column("warn_days", "int", default=30),
                ),
                indexes=(
                    Index(("program_id", "code"), unique=True, live=True),
                    Index(("currency_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_tier",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("group_id", "id", references="loyalty_tier_group", on_delete="CASCADE"),
                    Column("rank", "int"),
                    Column("code", "text"),
                    Column("name", "text"),
                    Column("threshold", "bigint"),
                    Column("earn_percent", "int", default=100),
                    Column("benefits", "json", null=True),
                ),
                indexes=(
                    Index(("group_id", "rank"), unique=True, live=True),
                    Index(("group_id", "code"), unique=True, live=True),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_standing",
                (
                    Column("id", "id", primary=True),
                    Column("member_id", "id", references="loyalty_member", on_delete="CASCADE"),
                    Column("group_id", "id", references="loyalty_tier_group", on_delete="CASCADE"),
                    Column("tier_id", "id", null=True, references="loyalty_tier"),
                    Column("state", "enum", default="ACTIVE"),
                    Column("since", "instant", null=True),
                    Column("until", "instant", null=True),
                    Column("grace_until", "instant", null=True),
                    Column("qualified", "bigint", default=0),
                    Column("window_from", "instant", null=True),
                    Column("window_until", "instant", null=True),
                    Column("next_tier_id", "id", null=True, references="loyalty_tier"),
                    Column("missing", "bigint", null=True),
                    Column("keep_missing", "bigint", null=True),
                    Column("warned_until", "instant", null=True),
                    Column("reason", "text", null=True),
                    Column("evaluated_at", "instant"),
                    Column("due_at", "instant", null=True),
                ),
                indexes=(
                    Index(("member_id", "group_id"), unique=True),
                    Index(("group_id", "member_id")),
                    Index(("tier_id",)),
                    Index(("next_tier_id",)),
                    Index(("due_at",)),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_tier_change",
                (
                    Column("id", "id", primary=True),
                    Column("member_id", "id", references="loyalty_member", on_delete="CASCADE"),
                    Column("group_id", "id", references="loyalty_tier_group", on_delete="CASCADE"),
                    Column("kind", "enum"),
                    Column("from_tier_id", "id", null=True, references="loyalty_tier"),
                    Column("to_tier_id", "id", null=True, references="loyalty_tier"),
                    Column("at", "instant"),
                    Column("moved_at", "instant", null=True),
                    Column("reason", "text"),
                    Column("inputs", "json"),
                    Column("actor", "json"),
                ),
                indexes=(
                    Index(("member_id", "at desc")),
                    Index(("member_id", "moved_at desc")),
                    Index(("group_id", "at desc")),
                    Index(("from_tier_id",)),
                    Index(("to_tier_id",)),
                ),
            ),
        ),
    ]
)
