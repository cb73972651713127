"""The same request twice has one effect and one outcome: what came of it is kept with the key, refusals too."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any, ClassVar

from piccolo.columns import UUID, Text, Timestamptz
from piccolo.table import Table

from crmcore import clock
from crmcore.access.actor import Actor
from crmcore.database import Contention, Database, UniqueViolation, ids
from crmcore.database.schema import Index
from crmcore.entities import refused
from crmcore.entities.work import Work
from crmcore.errors import Code, Invalid, KeyReused, Refusal

__all__ = ["IdempotencyKey", "Once", "fingerprint"]

_LONGEST = 255
#: Refusals that say nothing of the request: the same one may succeed in a moment.
_PASSING = frozenset({Code.UNAVAILABLE, Code.RATE_LIMITED, Code.UNAUTHENTICATED})

_FIND = "select fingerprint, outcome, refusal from crm_idempotency_key where actor = $1 and key = $2"
_KEEP = """
    insert into crm_idempotency_key (id, actor, key, fingerprint, outcome, at, refusal)
    values ($1, $2, $3, $4, $5, $6, $7)
"""


_KEEP_MANY = """
    insert into crm_idempotency_key (id, actor, key, fingerprint, outcome, at, refusal)
    select $1, $2, $3, $4, $5, $6, $7 from crm_given
"""


_KEEP_ALL = """
    insert into crm_idempotency_key (id, actor, key, fingerprint, outcome, at, refusal)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
"""
_FIND_MANY = {
    "postgresql": "select actor, key from crm_idempotency_key "
    "where (actor, key) in (select * from unnest($1::text[], $2::text[]))",
    "sqlite": "select actor, key from crm_idempotency_key where (actor, key) in "
    "(select a.value, k.value from json_each($1) a join json_each($2) k on k.key = a.key)",
}


class IdempotencyKey(Table, tablename="crm_idempotency_key"):
    """An idempotency key that was used, and what came of it: `outcome`, or `refusal` if that is not null."""

    id = UUID(primary_key=True)
    actor = Text()
    key = Text()
    fingerprint = Text()
    outcome = Text()
    at = Timestamptz()
    refusal = Text(null=True, default=None)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("actor", "key"), unique=True), Index(("at",)))


def fingerprint(name: str, arguments: Mapping[str, Any]) -> str:
    """Return a digest of what was asked: equal for equal names and arguments, whatever their order."""
    text = json.dumps([name, arguments], sort_keys=True, default=str, ensure_ascii=True)
    return blake2b(text.encode(), digest_size=20).hexdigest()


def _as_it_is(done: Any) -> Any:
    return done


class Once:
    """One request that carries an idempotency key.

    Args:

        actor: whose key it is; nobody else's key is the same.
        key: as the client gave it.
        asked: the `fingerprint` of the request.

    Attributes:

        key: the same.
        kept: turns what is handed to `keep` into an outcome that JSON can hold.

    Raises:

        Invalid: the key is empty or longer than 255 characters.
    """

    def __init__(self, actor: Actor, key: str, asked: str) -> None:
        if not 0 < len(key) <= _LONGEST or "\x00" in key:
            raise Invalid.at("idempotencyKey", "MALFORMED", f"An idempotency key has 1 to {_LONGEST} characters.")
        self._owner, self.key, self._asked = actor.id or actor.label, key, asked
        self.kept: Callable[[Any], Any] = _as_it_is
        self._tried = False

    @staticmethod
    async def used(work: Work, requests: Sequence[Once], *, hope: bool = False) -> Collection[Once]:
        """Return those of several requests whose key was used before, by one before them among the others; they are to be done alone.

        Args:

            work: the unit of work that does the others, which has locked what those with the same key would lock: so who comes
                at this very moment is waited for here.
            requests: in the order in which they are done.
            hope: where the unit may `hope`, that no key was used before its own unit of work: else it is run again, and asks.
        """
        first: dict[tuple[str, str], Once] = {}
        for one in requests:
            first.setdefault((one._owner, one.key), one)
        if not first:
            return ()
        if hope and work.hopes:
            work.hoped = work.presumed = True
            return set(requests).difference(first.values())
        owners, keys = [owner for owner, _ in first], [key for _, key in first]
        for found in await work.database.fetch_dicts(_FIND_MANY[work.database.dialect], owners, keys):
            first.pop((found["actor"], found["key"]), None)
        return set(requests).difference(first.values())

    @staticmethod
    async def keep(work: Work, done: Sequence[tuple[Once, Any]]) -> None:
        """Keep what came of several requests with the transaction that did them.

        A key that somebody else used at this very moment has the whole unit run again, which then finds it to be `used`.

        Args:

            work: the unit of work.
            done: each request, and what `kept` takes, or a `Refusal` that is told for ever.
        """
        if not done:
            return
        rows = [
            one._row(None, came) if isinstance(came, Refusal) else one._row(one.kept(came), None) for one, came in done
        ]
        # In one order, since who writes a key waits for who has just written it.
        rows.sort(key=lambda row: row[1:3])
        work.races.add(IdempotencyKey._meta.tablename)
        if work.database.dialect == "postgresql":
            await work.database.later(_KEEP_ALL, *map(list, zip(*rows, strict=True)))
        else:
            await work.database.execute_many(_KEEP, rows)

    async def do(self, work: Work, effect: Callable[[], Awaitable[Any]]) -> Any:
        """Have an effect, unless this key already had it: then give what came of it.

        Args:

            work: the unit of work.
            effect: gives an outcome that JSON can hold.

        Raises:

            KeyReused: the key was used for something else.
            Refusal: what was refused then is refused again, and what `effect` refuses.
            Contention: the same key was used at this very moment; `Database.retrying` runs the unit again.
        """
        self._tried = False
        if work.hopes:
            # That the key is new. Whatever is refused may have been done before, so then the unit looks for the key.
            work.hoped = work.presumed = True
            outcome = await effect()
            await work.hope(_KEEP, *self._row(outcome, None), many=_KEEP_MANY)
            return outcome
        if found := await self._find(work.database):
            return self._replay(found)
        self._tried = True
        outcome = await effect()
        try:
            await work.database.execute(_KEEP, *self._row(outcome, None))
        except UniqueViolation as race:
            # The other request with this key has committed since our look-up: our effect is rolled back, and the unit of
            # work, run again, finds its outcome.
            msg = f"The idempotency key {self.key!r} is in use by a request that is just ending; ask again for its outcome."
            raise Contention(msg) from race
        return outcome

    async def refuse(self, database: Database, refusal: Refusal) -> Any:
        """Keep what `do` refused, when its transaction is undone; a request with this key that ended before counts instead.

        Args:

            database: where, outside a transaction.
            refusal: what came out of the unit of work.

        Returns:

            The outcome of the other request.

        Raises:

            Refusal: this one, or that of the other request.
            KeyReused: the other request asked for something else.
        """
        if not self._tried or refusal.code in _PASSING:
            raise refusal
        found = await database.retrying(lambda: self._keep(database, refusal))
        return self._replay(found)

    async def _keep(self, database: Database, refusal: Refusal) -> Mapping[str, Any]:
        async with database.transaction():
            await database.execute(f"{_KEEP} on conflict do nothing", *self._row(None, refusal))
            found = await self._find(database)
            assert found is not None
            return found

    async def _find(self, database: Database) -> Mapping[str, Any] | None:
        return next(iter(await database.fetch_dicts(_FIND, self._owner, self.key)), None)

    def _row(self, outcome: Any, refusal: Refusal | None) -> tuple[Any, ...]:
        refused_as = None if refusal is None else json.dumps(refused.kept(refusal))
        return ids.new(), self._owner, self.key, self._asked, json.dumps(outcome), clock.now(), refused_as

    def _replay(self, found: Mapping[str, Any]) -> Any:
        if found["fingerprint"] != self._asked:
            msg = (
                f"The idempotency key {self.key!r} was used for another request; make a new key for each new intention."
            )
            raise KeyReused(msg)
        if found["refusal"] is not None:
            raise refused.restored(json.loads(found["refusal"]))
        return json.loads(found["outcome"])
