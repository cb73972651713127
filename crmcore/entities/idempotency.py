"""The same request twice has one effect: the outcome is kept with the key, in the transaction that had the effect."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b
from typing import Any, ClassVar

from piccolo.columns import UUID, Text, Timestamptz
from piccolo.table import Table

from crmcore.database import Contention, UniqueViolation, ids
from crmcore.database.schema import Index
from crmcore.entities.work import Work
from crmcore.errors import Invalid, KeyReused

__all__ = ["IdempotencyKey", "fingerprint", "once"]

_LONGEST = 255


class IdempotencyKey(Table, tablename="crm_idempotency_key"):
    """An idempotency key that was used, and what came of it."""

    id = UUID(primary_key=True)
    actor = Text()
    key = Text()
    fingerprint = Text()
    outcome = Text()
    at = Timestamptz()
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("actor", "key"), unique=True), Index(("at",)))


def fingerprint(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a digest of what was asked: equal for equal names and arguments, whatever their order."""
    text = json.dumps([name, arguments], sort_keys=True, default=str, ensure_ascii=True)
    return blake2b(text.encode(), digest_size=20).hexdigest()


async def once(work: Work, asked: str, effect: Callable[[], Awaitable[Any]]) -> Any:
    """Have an effect, unless this key already had it: then give what came of it.

    Args:

        work: the unit of work; its `idempotency_key` may be None, then the effect just happens.
        asked: the `fingerprint` of the request.
        effect: gives an outcome that JSON can hold.

    Raises:

        Invalid: the key is empty or longer than 255 characters.
        KeyReused: the key was used for something else.
        Contention: the same key was used at this very moment; `Database.retrying` runs the unit again.
    """
    key = work.idempotency_key
    if key is None:
        return await effect()
    if not 0 < len(key) <= _LONGEST or "\x00" in key:
        raise Invalid.at("idempotencyKey", "MALFORMED", f"An idempotency key has 1 to {_LONGEST} characters.")
    owner = work.actor.id or work.actor.label
    sql = "select fingerprint, outcome from crm_idempotency_key where actor = $1 and key = $2"
    if found := await work.rows(sql, owner, key):
        return _replay(found[0], asked, key)
    outcome = await effect()
    try:
        await _keep(work, owner, key, asked, outcome)
    except UniqueViolation as race:
        # The other request with this key has committed since our look-up: our effect is rolled back, and the unit of work,
        # run again, finds its outcome.
        msg = f"The idempotency key {key!r} is in use by a request that is just ending; ask again for its outcome."
        raise Contention(msg) from race
    return outcome


def _replay(found: Mapping[str, Any], asked: str, key: str) -> Any:
    if found["fingerprint"] != asked:
        msg = f"The idempotency key {key!r} was used for another request; make a new key for each new intention."
        raise KeyReused(msg)
    return json.loads(found["outcome"])


async def _keep(work: Work, owner: str, key: str, asked: str, outcome: Any) -> None:
    sql = "insert into crm_idempotency_key (id, actor, key, fingerprint, outcome, at) values ($1, $2, $3, $4, $5, $6)"
    await work.database.execute(sql, ids.new(), owner, key, asked, json.dumps(outcome), work.now)
