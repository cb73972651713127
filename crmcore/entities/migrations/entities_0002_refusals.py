"""Refusals are kept with idempotency keys, as outcomes are."""

from crmcore.database.migrations import Column, Migration, add_column

migration = Migration(operations=[add_column("crm_idempotency_key", Column("refusal", "text", null=True))])
