"""Statements, estimates of breakage, checkpoints."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "loyalty_statement",
                (
                    Column("id", "id", primary=True),
                    Column("member_id", "id", references="loyalty_member"),
                    Column("currency_id", "id", references="loyalty_currency"),
                    Column("period", "text"),
                    Column("begins_at", "instant"),
                    Column("ends_at", "instant"),
                    Column("opening", "bigint"),
                    Column("closing", "bigint"),
                    Column("available", "bigint"),
                    Column("earned", "bigint"),
                    Column("redeemed", "bigint"),
                    Column("expired", "bigint"),
                    Column("other", "bigint"),
                    Column("movements", "json"),
                    Column("lots", "json"),
                    Column("expiring", "bigint"),
                    Column("made_at", "instant"),
                    Column("sha256", "text"),
                ),
                indexes=(
                    Index(("member_id", "currency_id", "period"), unique=True),
                    Index(("currency_id", "period")),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_breakage",
                (
                    Column("id", "id", primary=True),
                    Column("currency_id", "id", references="loyalty_currency"),
                    Column("number", "int"),
                    Column("valid_from", "instant"),
                    Column("basis", "text"),
                    Column("redemption", "text"),
                    Column("curve", "json", null=True),
                    Column("reason", "text"),
                    Column("made_at", "instant"),
                    Column("made_by", "json"),
                ),
                indexes=(
                    Index(("currency_id", "number"), unique=True),
                    Index(("currency_id", "valid_from desc")),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_checkpoint",
                (
                    Column("id", "id", primary=True),
                    Column("currency_id", "id", references="loyalty_currency"),
                    Column("house", "enum"),
                    Column("up_to", "instant"),
                    Column("balance", "bigint"),
                ),
                indexes=(Index(("currency_id", "house", "up_to"), unique=True),),
            ),
        ),
    ]
)
