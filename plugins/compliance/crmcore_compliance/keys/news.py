"""What the processes that share a keystore tell each other: keys that were destroyed, or may do something else than before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crmcore import Database

__all__ = ["next_position", "since", "tell", "wait_for_others"]

_WAIT: Final = "update keystore_meta set value = value where name = 'position'"
_COUNTED: Final = """
    update keystore_meta set value = cast(cast(value as bigint) + 1 as text) where name = 'position' returning value
"""


async def wait_for_others(db: Database) -> None:
    """Let nobody else destroy or make keys until the transaction ends; what they did before can be seen from now on."""
    await db.execute(_WAIT)


async def next_position(db: Database) -> int:
    """Return the next position; those who ask at the same time wait, so that news appear in their order."""
    return int(await db.fetch_value(_COUNTED))


async def tell(db: Database, position: int, keys: Iterable[int]) -> None:
    """Tell of keys, in the transaction that changes them."""
    put = "insert into keystore_news (position, id) values ($1, $2)"
    await db.execute_many(put, [(position, id) for id in keys])


async def since(db: Database, position: int) -> list[tuple[int, int]]:
    """Return the ids of keys that were told of after a position, with theirs."""
    asked = "select id, position from keystore_news where position > $1 order by position"
    return [(id, at) for id, at in await db.fetch(asked, position)]
