"""The secrets of endpoints: given out once when they are made, two at a time while a receiver changes over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from crmcore import clock
from crmcore.database import Database, ids
from crmcore.entities.work import Work
from crmcore.webhooks.signing import new_secret

__all__ = ["issue", "live", "rotate"]

_INSERT = "insert into crm_webhook_secret (id, endpoint_id, secret, expires_at) values ($1, $2, $3, $4)"
_LIVE = (
    "select secret from crm_webhook_secret where endpoint_id = $1 and (expires_at is null or expires_at > $2) "
    "order by id desc limit 2"
)


async def issue(work: Work, endpoint_id: UUID) -> str:
    """Make an endpoint's secret and return it."""
    made = new_secret()
    await work.database.execute(_INSERT, ids.new(), endpoint_id, made, None)
    return made


async def rotate(work: Work, endpoint_id: UUID, until: datetime) -> str:
    """Make a new secret and return it; the one so far signs too until an instant, those before it no more."""
    await work.database.execute(
        "delete from crm_webhook_secret where endpoint_id = $1 and expires_at is not null", endpoint_id
    )
    await work.database.execute(
        "update crm_webhook_secret set expires_at = $2 where endpoint_id = $1", endpoint_id, until
    )
    return await issue(work, endpoint_id)


async def live(database: Database, endpoint_id: UUID) -> list[str]:
    """Return the secrets that count now, the newest first."""
    return [row[0] for row in await database.fetch(_LIVE, endpoint_id, clock.now())]
