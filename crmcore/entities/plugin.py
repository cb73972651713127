"""What the core itself keeps in the database: the outcomes of requests that came with an idempotency key."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from piccolo.table import Table

from crmcore.entities.idempotency import IdempotencyKey
from crmcore.hookspecs import hookimpl


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """Give the table of idempotency keys."""
    return [IdempotencyKey]


@hookimpl
def crm_migrations() -> Path:
    """Give the folder beside this file."""
    return Path(__file__).with_name("migrations")
