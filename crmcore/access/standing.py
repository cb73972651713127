"""A token's actor as an earlier request found it, and how the statement that reads for them shows that it still is so."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from crmcore.access.actor import Actor
from crmcore.entities.hoping import fails_unless, holds

if TYPE_CHECKING:
    from crmcore.entities.work import Work

__all__ = ["PROOF", "Known", "Standing", "Unconfirmed"]

#: Of a token `t`, its person `u` and the rights' revision `g`: a text that is another one after any change that matters.
PROOF = "g.revision || ' ' || u.version"

_STANDS = f"""
    (select {PROOF} from crm_token t join crm_user u on u.id = t.user_id cross join crm_access_state g
     where t.digest = {{digest}} and t.revoked_at is null and u.is_active and u.deleted_at is null)
""".strip()
_STANDS_NOW = f"select {_STANDS.format(digest='$1')}"
_HELD = {
    "postgresql": holds(f"{_STANDS.format(digest='$1')} = $2::text"),
    "sqlite": holds(f"{_STANDS.format(digest='$1')} = $2", "sqlite"),
}
#: Of units of work that are committed together most are of few people.
_ALL_HELD = "select from (select distinct $1 as digest, $2 as proof from crm_given) told where " + fails_unless(
    f"{_STANDS.format(digest='told.digest')} = told.proof"
)


@dataclass(slots=True)
class Known:
    """What a look-up found of a token.

    Attributes:

        actor: who acts with it.
        proof: see `PROOF`.
        token_id: its id.
        expires_at: when it ends by itself; that never changes.
        last_used_at: when its use was last written down.
    """

    actor: Actor
    proof: str
    token_id: UUID
    expires_at: datetime | None
    last_used_at: datetime | None


class Unconfirmed(Exception):
    """What somebody asked for was done on the ground of a standing that did not hold any more: nothing of it is kept."""


class Standing(msgspec.Struct, eq=False):
    """That somebody counted a moment ago; whoever answers them on that ground must have it confirmed.

    A look-up before each query is a round trip, which costs as much as a small query. So the query itself asks: its
    snapshot shows whether the token, its person and all rights are as they were, and if not, its answer is thrown away.
    A mutation's transaction asks likewise, and is not committed.

    Attributes:

        known: what it was.
        digest: of the token.
        confirmed: whether all of it still holds, as a statement has shown; None if none was asked. False, too, where what
            is asked for needs more than such a statement.
    """

    known: Known
    digest: str
    confirmed: bool | None = None

    def asking(self, sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
        """Return a statement that begins with `select` and its parameters, with one more column: the first, for `confirm`."""
        return _asking(sql, len(params) + 1), [*params, self.digest]

    def confirm(self, proof: Any) -> bool:
        """Note, and return, whether what that column holds is the proof."""
        self.confirmed = proof == self.known.proof
        return self.confirmed

    def hold(self, work: Work) -> Awaitable[None]:
        """Have the transaction of a unit of work confirm it: by its commit, where the unit hopes, and else at once.

        Raises:

            Unconfirmed: something of it does not hold any more.
        """
        if work.hopes:
            return work.hope(_HELD[work.database.dialect], self.digest, self.known.proof, many=_ALL_HELD)
        return self._ask(work)

    async def _ask(self, work: Work) -> None:
        if not self.confirm(await work.database.fetch_value(_STANDS_NOW, self.digest)):
            raise Unconfirmed


@lru_cache(maxsize=2048)
def _asking(sql: str, number: int) -> str:
    assert sql.startswith("select ")
    return f"select {_STANDS.format(digest=f'${number}')}, {sql.removeprefix('select ')}"
