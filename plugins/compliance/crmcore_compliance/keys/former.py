"""Keys that another one took over from: which they are, for those who look whether they seal anything still."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from crmcore import instants
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.owners import INDEX, SIGNING

__all__ = ["former_keys", "replaceable"]

# Nothing is sealed with the secret of indexes, and what was signed has to be verifiable for ever.
_FORMER: Final = """
    select id from keystore_key where state in ('DEACTIVATED', 'COMPROMISED') and deactivated_at <= $1
    and owner <> $2 and owner <> $3 order by id
"""
_PRESENT: Final = """
    select owner from keystore_key where state = 'ACTIVE' and owner <> $1 and owner <> $2 order by owner
"""


async def former_keys(keystore: Keystore, before: datetime) -> list[int]:
    """Return the keys that have sealed nothing since an instant, because another one does; of a keystore that is not there, none."""
    if not keystore.exists:
        return []
    db = await keystore.ready()
    return [id for (id,) in await db.fetch(_FORMER, instants.wire(before), INDEX, SIGNING)]


async def replaceable(keystore: Keystore) -> list[str]:
    """Return the owners of all keys that seal values now; of a keystore that is not there, none."""
    if not keystore.exists:
        return []
    db = await keystore.ready()
    return [owner for (owner,) in await db.fetch(_PRESENT, INDEX, SIGNING)]
