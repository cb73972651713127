"""Initial: a migration of remarks."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

_OWN = (
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
                "remarks_remark",
                (
                    *_OWN,
                    Column("customer_id", "id", references="customer", on_delete="CASCADE"),
                    Column("title", "text"),
                ),
                indexes=(Index(("customer_id",)),),
            )
        ),
        create_table(
            Table(
                "remarks_line",
                (
                    *_OWN,
                    Column("remark_id", "id", references="remarks_remark", on_delete="CASCADE"),
                    Column("text", "text"),
                ),
                indexes=(Index(("remark_id",)),),
            )
        ),
    ]
)
