"""By country: a migration of customers."""

from crmcore.database.migrations import Index, Migration, create_index

migration = Migration(
    operations=[
        create_index("customer", Index(("country", "created_at desc", "id desc"))),
    ]
)
