"""A customer's interactions in the order of time, which ends at the page however long the history is."""

from crmcore.database.migrations import Index, Migration, create_index, drop_index

migration = Migration(
    operations=[
        create_index("interaction", Index(("customer_id", "occurred_at desc", "id desc"))),
        drop_index("interaction", "interaction_customer_id_occurred_at_desc_idx"),
    ]
)
