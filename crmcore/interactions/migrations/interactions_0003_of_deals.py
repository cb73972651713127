"""A deal's interactions: most interactions belong to no deal, and need no place among those that do."""

from crmcore.database.migrations import Index, Migration, create_index, drop_index

migration = Migration(
    operations=[
        drop_index("interaction", "interaction_deal_id_occurred_at_desc_idx"),
        create_index("interaction", Index(("deal_id", "occurred_at desc"), where="deal_id is not null")),
    ]
)
