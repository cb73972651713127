"""Looking at a whole ledger, slice by slice, while it is used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from crmcore import Database
from crmcore_loyalty.verify.check import Check
from crmcore_loyalty.verify.checks import CHECKS
from crmcore_loyalty.verify.slices import SLICE, slices
from crmcore_loyalty.verify.violation import Violation

__all__ = ["violations"]


async def violations(
    database: Database, checks: Iterable[Check] = CHECKS, *, size: int = SLICE
) -> AsyncIterator[Violation]:
    """Give everything that is wrong, check by check; memory and statements stay as small as a slice.

    Each statement sees one state of the database, so that what is written meanwhile is no violation.

    Args:

        database: where the ledger is; it is only read.
        checks: what to look for.
        size: so many rows a slice.
    """
    for check in checks:
        async for low, high in slices(database, check.over, size):
            for row in await database.fetch_dicts(check.sql, low, high):
                yield check.told(row)
