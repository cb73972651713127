"""Counts and sums of deals, kept by triggers: what a board shows of its stages."""

from crmcore.database.migrations import Column, Index, Migration, Table, Totals, create_table, keep_totals

migration = Migration(
    operations=[
        create_table(
            Table(
                "deal_total",
                (
                    Column("owner_id", "id", null=True),
                    Column("team_id", "id", null=True),
                    Column("pipeline_id", "id", null=True),
                    Column("stage_id", "id", null=True),
                    Column("status", "enum", null=True),
                    Column("amount_currency", "text", null=True),
                    Column("base_amount_currency", "text", null=True),
                    Column("rows", "bigint", default=0),
                    Column("amount", "bigint", default=0),
                    Column("amount_count", "bigint", default=0),
                    Column("base_amount", "bigint", default=0),
                    Column("base_amount_count", "bigint", default=0),
                ),
                indexes=(
                    Index(
                        (
                            "stage_id",
                            "owner_id",
                            "team_id",
                            "pipeline_id",
                            "status",
                            "amount_currency",
                            "base_amount_currency",
                        ),
                    ),
                ),
            ),
        ),
        keep_totals(
            "deal",
            Totals(
                "deal_total",
                ("stage_id", "owner_id", "team_id", "pipeline_id", "status", "amount_currency", "base_amount_currency"),
                sums=("amount", "base_amount"),
            ),
        ),
    ]
)
