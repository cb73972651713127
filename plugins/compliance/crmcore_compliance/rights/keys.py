"""What the rights of people need of the keys: what a person is called where they may not be named."""

from __future__ import annotations

from uuid import UUID

from crmcore import Database
from crmcore_compliance.state import compliance_of

__all__ = ["pseudonym"]


async def pseudonym(database: Database, customer_id: UUID) -> str:
    """Return what a person is called where they may not be named; the same as in the journal of erasures."""
    return await compliance_of(database).keyring.pseudonym(customer_id)
