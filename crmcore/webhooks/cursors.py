"""Up to where in the feed deliveries were put for each endpoint; whoever moves a cursor puts what lies before it."""

from __future__ import annotations

from uuid import UUID

from crmcore.database import Database
from crmcore.events.cursor import Cursor

__all__ = ["forget", "hindmost", "move", "set_to"]

_SET = (
    "insert into crm_webhook_cursor (id, cursor) values ($1, $2) "
    "on conflict (id) do update set cursor = excluded.cursor"
)
_MOVE = "update crm_webhook_cursor set cursor = $3 where id = $1 and cursor = $2"

_UNSENT = {
    dialect: f"""
        select e.era, e.transaction_id, e.position from crm_webhook_delivery d join crm_event e on e.id = {id}
        where d.state = 'WAITING' order by e.era, e.transaction_id, e.position limit 1
    """
    for dialect, id in (
        ("sqlite", "substr(d.message_id, 8)"),
        # A test has an id that no event has, and the cast must not see it.
        ("postgresql", "case when d.message_id like 'change%' then substr(d.message_id, 8)::uuid end"),
    )
}


async def set_to(database: Database, endpoint_id: UUID, cursor: Cursor) -> None:
    """Have an endpoint told of what comes after a place in the feed."""
    await database.execute(_SET, endpoint_id, str(cursor))


async def move(database: Database, endpoint_id: UUID, before: Cursor, after: Cursor) -> bool:
    """Go on, unless another process went on already or the endpoint was switched off; say whether it is done."""
    return await database.execute(_MOVE, endpoint_id, str(before), str(after)) == 1


async def forget(database: Database, endpoint_id: UUID) -> None:
    """Have an endpoint told of nothing from here on."""
    await database.execute("delete from crm_webhook_cursor where id = $1", endpoint_id)


async def hindmost(database: Database) -> Cursor | None:
    """Return the place in the feed that must be kept from then on, None if webhooks need nothing of it.

    What comes after it was not put for some enabled endpoint, or was put and not sent: messages are made of the feed.
    """
    rows = await database.fetch("select distinct cursor from crm_webhook_cursor")
    places = [Cursor.parse(row[0]) for row in rows]
    for era, transaction, position in await database.fetch(_UNSENT[database.dialect]):
        places.append(Cursor(era, transaction, position - 1))
    return min(places, default=None)
