"""Community: a migration of loyalty."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "loyalty_household",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("program_id", "id", references="loyalty_program"),
                    Column("pool_id", "id", references="loyalty_member"),
                    Column("automatic", "bool", default=False),
                ),
                indexes=(
                    Index(("program_id",)),
                    Index(("pool_id",), unique=True),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_household_member",
                (
                    Column("id", "id", primary=True),
                    Column("household_id", "id", references="loyalty_household"),
                    Column("member_id", "id", references="loyalty_member"),
                    Column("joined_at", "instant"),
                    Column("left_at", "instant", null=True),
                ),
                indexes=(
                    Index(("household_id", "left_at")),
                    Index(("member_id",), unique=True, where="left_at is null"),
                    Index(("member_id", "joined_at")),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_partner",
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
                    Column("status", "enum", default="ACTIVE"),
                    Column("prepaid_only", "bool", default=False),
                    Column("prepaid", "bigint", default=0),
                ),
                indexes=(Index(("program_id", "code"), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "loyalty_partner_rate",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("partner_id", "id", references="loyalty_partner", on_delete="CASCADE"),
                    Column("currency_id", "id", references="loyalty_currency"),
                    Column("direction", "enum"),
                    Column("price", "bigint", null=True),
                    Column("money", "text", null=True),
                    Column("starts_at", "instant"),
                ),
                indexes=(
                    Index(("partner_id", "currency_id", "direction", "starts_at"), unique=True, live=True),
                    Index(("currency_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_settlement",
                (
                    Column("id", "id", primary=True),
                    Column("partner_id", "id", references="loyalty_partner"),
                    Column("until", "instant"),
                    Column("settled_at", "instant"),
                    Column("transactions", "int"),
                    Column("earned", "bigint"),
                    Column("burned", "bigint"),
                    Column("net", "bigint"),
                    Column("money", "text"),
                ),
                indexes=(Index(("partner_id", "settled_at desc")),),
            ),
        ),
        create_table(
            Table(
                "loyalty_partner_use",
                (
                    Column("id", "id", primary=True),
                    Column("partner_id", "id", references="loyalty_partner"),
                    Column("transaction_id", "id", references="loyalty_transaction"),
                    Column("member_id", "id", references="loyalty_member"),
                    Column("direction", "enum"),
                    Column("points", "bigint"),
                    Column("price", "bigint"),
                    Column("money", "text"),
                    Column("event_at", "instant"),
                    Column("settlement_id", "id", null=True, references="loyalty_settlement"),
                ),
                indexes=(
                    Index(("transaction_id",), unique=True),
                    Index(("partner_id", "settlement_id", "event_at")),
                    Index(("settlement_id",)),
                    Index(("member_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "loyalty_limit",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("currency_id", "id", references="loyalty_currency"),
                    Column("metric", "enum"),
                    Column("hours", "int"),
                    Column("most", "bigint"),
                    Column("action", "enum", default="BLOCK"),
                    Column("active", "bool", default=True),
                ),
                indexes=(Index(("currency_id", "active")),),
            ),
        ),
        create_table(
            Table(
                "loyalty_case",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("member_id", "id", references="loyalty_member"),
                    Column("limit_id", "id", references="loyalty_limit"),
                    Column("transaction_id", "text"),
                    Column("kind", "enum"),
                    Column("points", "bigint"),
                    Column("reached", "bigint"),
                    Column("state", "enum", default="OPEN"),
                    Column("note", "text", null=True),
                ),
                indexes=(
                    Index(("state", "created_at")),
                    Index(("member_id", "created_at desc")),
                    Index(("limit_id",)),
                ),
            ),
        ),
    ]
)
