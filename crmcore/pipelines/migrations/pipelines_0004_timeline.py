"""A customer's deals in the order in which they began, which timelines read."""

from crmcore.database.migrations import Index, Migration, create_index, drop_index

migration = Migration(
    operations=[
        create_index("deal", Index(("customer_id", "created_at desc"))),
        drop_index("deal", "deal_customer_id_idx"),
    ]
)
