"""Initial: a migration of estates."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "estate",
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
                    Column("kind", "enum"),
                    Column("status", "enum", default="DRAFT"),
                    Column("street", "text"),
                    Column("city", "text"),
                    Column("rooms", "int", null=True),
                    Column("area", "float", null=True),
                    Column("price", "bigint", null=True),
                    Column("price_currency", "text", null=True),
                    Column("seller_id", "id", references="customer"),
                    Column("buyer_id", "id", null=True, references="customer"),
                    Column("offered_at", "instant", null=True),
                    Column("sold_at", "instant", null=True),
                    Column("booked_at", "instant", null=True),
                ),
                indexes=(
                    Index(("seller_id", "offered_at desc")),
                    Index(("buyer_id", "sold_at desc")),
                    Index(("status", "city")),
                    Index(("owner_id",)),
                    Index(("team_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "estate_viewing",
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
                    Column("estate_id", "id", references="estate", on_delete="CASCADE"),
                    Column("customer_id", "id", references="customer"),
                    Column("starts_at", "instant"),
                    Column("minutes", "int", null=True),
                    Column("status", "enum", default="BOOKED"),
                    Column("impression", "text", null=True),
                ),
                indexes=(
                    Index(("estate_id", "starts_at desc")),
                    Index(("customer_id", "starts_at desc")),
                    Index(("owner_id", "starts_at")),
                    Index(("team_id",)),
                ),
            ),
        ),
        create_table(
            Table(
                "estate_wish",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("customer_id", "id", references="customer", on_delete="CASCADE"),
                    Column("kind", "enum", null=True),
                    Column("city", "text", null=True),
                    Column("rooms", "int", null=True),
                    Column("budget", "bigint", null=True),
                    Column("budget_currency", "text", null=True),
                ),
                indexes=(Index(("customer_id",), unique=True, live=True),),
            ),
        ),
        create_table(
            Table(
                "estate_report",
                (
                    Column("id", "id", primary=True),
                    Column("estate_id", "id", references="estate", on_delete="CASCADE"),
                    Column("week", "text"),
                ),
                indexes=(Index(("estate_id", "week"), unique=True),),
            ),
        ),
    ]
)
