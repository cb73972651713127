"""Tokens: a migration of compliance."""

from crmcore.database.migrations import Index, Migration, create_index, drop_index

migration = Migration(
    operations=[
        create_index("compliance_token", Index(("number", "token", "record_id"))),
        drop_index("compliance_token", "compliance_token_number_token_idx"),
    ]
)
