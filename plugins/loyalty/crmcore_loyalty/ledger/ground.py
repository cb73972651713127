"""Where a posting begins: the accounts it touches, locked, with all that decides on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from crmcore import Work, errors, ids
from crmcore_loyalty.ledger.lots import LOTS_LEFT
from crmcore_loyalty.ledger.plan import Impossible
from crmcore_loyalty.ledger.state import Account
from crmcore_loyalty.sets import among
from crmcore_loyalty.tables.program import LoyaltyCurrencyKind, LoyaltyMemberStatus, LoyaltyProgramStatus

__all__ = [
    "Ground",
    "lock",
    "lock_accounts",
    "lock_all",
    "lock_many",
    "lock_pairs",
    "lock_those",
    "lock_to_spend",
    "open_accounts",
]

_GONE = (LoyaltyMemberStatus.CLOSED.name, LoyaltyMemberStatus.MERGED.name)
_FROZEN, _ACTIVE = LoyaltyMemberStatus.FROZEN.name, LoyaltyProgramStatus.ACTIVE.name
_SUMS = ("available", "pending", "held", "owed", "accrued", "redeemed", "expired", "last_version")
_FROM = """
    from loyalty_account a
    join loyalty_member t on t.id = a.member_id
    join loyalty_currency c on c.id = a.currency_id
    join loyalty_program p on p.id = c.program_id
"""
_OPEN = """
    insert into loyalty_account
        (id, member_id, currency_id, available, pending, held, owed, accrued, redeemed, expired, last_version, closed)
    values ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0, 0, $4) on conflict (member_id, currency_id) do nothing
"""
_MISSING = """
    select c.id, m.status from loyalty_member m
    join loyalty_currency c on c.program_id = m.program_id and c.deleted_at is null
    where m.id = $1 and not exists (select 1 from loyalty_account a where a.member_id = m.id and a.currency_id = c.id)
"""


#: Who else wants to know: jobs for those who do not would cost more than the posting.
_COUNTED = "exists (select 1 from loyalty_tier_group g where g.currency_id = c.id and g.deleted_at is null)"
_POOLED = """exists (select 1 from loyalty_household_member h join loyalty_household k on k.id = h.household_id
            where h.member_id = a.member_id and h.left_at is null and k.automatic)"""
_STORED = "exists (select 1 from loyalty_transaction x where x.id = $3)"
_ANY_STORED = {
    dialect: f"exists (select 1 from loyalty_transaction x where {among(dialect, 'x.id', 3)})"
    for dialect in ("postgresql", "sqlite")
}
_ONE = "a.member_id = $1 and a.currency_id = $2"
#: Gives no row, and locks the one that it passes over: so it can travel ahead of what reads after it.
_LOCK_AHEAD = f"select 1 from loyalty_account a where {_ONE} for no key update of a offset 1"
_PAIRS = {
    "postgresql": "(a.member_id, a.currency_id) in (select * from unnest($1::uuid[], $2::uuid[]))",
    "sqlite": "(a.member_id, a.currency_id) in "
    "(select m.value, c.value from json_each($1) m join json_each($2) c on c.key = m.key)",
}
#: As `_LOCK_AHEAD`, for all that there are.
_LOCK_ALL_AHEAD = f"""
    select 1 from loyalty_account a where {_PAIRS["postgresql"]} order by a.id for no key update of a offset 1000000
"""
_LOTS_OF_SPENDERS = f"case when a.member_id = any($4::uuid[]) then {LOTS_LEFT} end"


@dataclass(slots=True)
class Ground:
    """A locked account and what decides on it.

    Attributes:

        account: as it is now.
        row: the member's `status`, `enrolled_at`, `moved_at` and `merged_into_id`, the currency's policies by their own
            names, `currency_kind`, `program_id`, `program_status` and `timezone`.
        stored: whether a transaction with the id of the request, or one of the requests, is there already.
        lots: those with something left, as `LOTS_LEFT` has them; None where they were not read, or are others by now.
    """

    account: Account
    row: Mapping[str, Any]
    stored: bool
    lots: str | None = None

    def check_member(self) -> None:
        """Demand that the member takes part.

        Raises:

            Impossible: it does not.
        """
        status = self.row["status"]
        if self.account.closed or status in _GONE:
            raise Impossible("MEMBER_NOT_ACTIVE", "This member has left, or went on as another one.", "memberId")

    def check_active(self) -> None:
        """Demand that the member takes part and is not frozen.

        Raises:

            Impossible: it does not, or is.
        """
        self.check_member()
        if self.row["status"] == _FROZEN:
            msg = "This member is frozen until somebody has looked at it; unfreeze it first."
            raise Impossible("MEMBER_FROZEN", msg, "memberId")

    def check_earning(self) -> None:
        """Demand that the member may earn now.

        Raises:

            Impossible: it may not.
        """
        self.check_active()
        if self.row["program_status"] != _ACTIVE:
            raise Impossible("PROGRAM_NOT_ACTIVE", "The program is not active, so that nobody earns.", "currencyId")

    def check_spending(self) -> None:
        """Demand that the member may spend these points now.

        Raises:

            Impossible: it may not.
        """
        self.check_active()
        if self.row["program_status"] == LoyaltyProgramStatus.DRAFT.name:
            raise Impossible("PROGRAM_NOT_ACTIVE", "The program has not begun yet.", "currencyId")
        if self.row["currency_kind"] != LoyaltyCurrencyKind.REDEEMABLE.name:
            raise Impossible("CURRENCY_NOT_REDEEMABLE", "These points only count for tiers.", "currencyId")


async def lock(work: Work, member_id: UUID, currency_id: UUID, transaction_id: UUID) -> Ground:
    """Lock one member's account.

    Args:

        work: the unit of work.
        member_id: whose, if the actor may reach it.
        currency_id: in which currency.
        transaction_id: what is about to be written.

    Raises:

        NotFound: there is no such member, or the actor may not know of it.
        Invalid: the currency is of another program.
    """
    for found in await _reached(work, _ONE, [member_id, currency_id, transaction_id], _STORED):
        return found
    return (await lock_many(work, [member_id], currency_id, transaction_id))[member_id]


async def lock_to_spend(work: Work, member_id: UUID, currency_id: UUID, transaction_id: UUID) -> Ground:
    """Lock one member's account, and read its lots together with what decides on it, in one message; see `lock`."""
    if work.database.dialect == "postgresql":
        await work.database.later(_LOCK_AHEAD, member_id, currency_id)
        values = [member_id, currency_id, transaction_id]
        for found in await _reached(work, _ONE, values, _STORED, lots=LOTS_LEFT):
            return found
    return await lock(work, member_id, currency_id, transaction_id)


async def lock_many(
    work: Work, member_ids: Sequence[UUID], currency_id: UUID, transaction_id: UUID
) -> dict[UUID, Ground]:
    """Lock the accounts of up to two members in ascending order; see `lock`."""
    for _ in range(2):
        found = await _locked(work, "a.currency_id = $4 and ", member_ids, currency_id, transaction_id)
        if len(found) == len(set(member_ids)):
            return {ground.account.member_id: ground for ground in found}
        for member_id in member_ids:
            await _check_currency(work, member_id, currency_id)
            await open_accounts(work, member_id)
    msg = "The account was not found although it was just opened."
    raise errors.Contention(msg)


async def lock_all(work: Work, member_ids: Sequence[UUID], transaction_id: UUID) -> list[Ground]:
    """Lock all accounts of up to two members, in ascending order."""
    return await _locked(work, "", member_ids, None, transaction_id)


async def lock_accounts(work: Work, account_ids: Iterable[UUID]) -> dict[UUID, Ground]:
    """Lock some accounts, in ascending order."""
    found = await _reached(work, among(work.database.dialect, "a.id", 1), [list(account_ids)], "false")
    return {ground.account.id: ground for ground in found}


async def open_accounts(work: Work, member_id: UUID) -> None:
    """Make the member's account in each currency of its program that it has none in."""
    for row in await work.rows(_MISSING, member_id):
        closed = row["status"] in _GONE
        await work.database.execute(_OPEN, ids.new(), member_id, row["id"], closed)


async def _locked(
    work: Work, where: str, member_ids: Sequence[UUID], currency_id: UUID | None, transaction_id: UUID
) -> list[Ground]:
    values: list[Any] = [member_ids[0], member_ids[-1], transaction_id]
    if currency_id is not None:
        values.append(currency_id)
    return await _reached(work, f"{where}a.member_id in ($1, $2)", values, _STORED)


async def _reached(work: Work, where: str, values: Sequence[Any], stored: str, lots: str | None = None) -> list[Ground]:
    """Lock the accounts a condition says, in ascending order, and return those whose member the actor may reach.

    With `lots`, what reads them, the accounts were locked before.
    """
    reach, more = work.predicate(work.entities["loyalty_member"], "read", start=len(values) + 1)
    sql = _lock_sql(work.database.dialect, where, reach, stored, lots)
    return [_ground(row) for row in await work.rows(sql, *values, *more) if row["reach"]]


@lru_cache(256)
def _lock_sql(dialect: str, where: str, reach: str, stored: str, lots: str | None) -> str:
    locking = "for no key update of a" if dialect == "postgresql" and lots is None else ""
    sums = ", ".join(f"a.{name}" for name in _SUMS)
    return f"""
    select a.id as account_id, a.member_id, a.currency_id, {sums}, a.closed, a.expires_at as account_expires_at,
        t.status, t.enrolled_at, t.active_at as moved_at, t.merged_into_id, c.program_id, c.kind as currency_kind, c.floor,
        c.pending_days, c.expiry, c.expiry_months, c.expiry_days, c.restore_days, c.hold_minutes, c.transferable, c.limited,
        p.status as program_status, p.timezone, ({reach}) as reach, {stored} as stored,
        {_COUNTED} as counted, {_POOLED} as pooled, {lots or "null"} as lots
    {_FROM}
    where {where} and t.deleted_at is null
    {"" if where == _ONE else "order by a.id"} {locking}
    """


def _ground(row: Mapping[str, Any]) -> Ground:
    account = Account(
        row["account_id"],
        row["member_id"],
        row["currency_id"],
        row["available"],
        row["pending"],
        row["held"],
        row["owed"],
        row["accrued"],
        row["redeemed"],
        row["expired"],
        row["last_version"],
        closed=bool(row["closed"]),
        expires_at=row["account_expires_at"],
        counted=bool(row["counted"]),
        pooled=bool(row["pooled"]),
    )
    return Ground(account, row, bool(row["stored"]), row["lots"])


async def _check_currency(work: Work, member_id: UUID, currency_id: UUID) -> None:
    member = await work.get("loyalty_member", member_id)
    currencies = await work.find("loyalty_currency", id=currency_id, program_id=member["program_id"])
    if not currencies:
        msg = "The member's program has no such currency; give one of its own."
        raise errors.Invalid.at("currencyId", "OTHER_PROGRAM", msg)


async def lock_pairs(
    work: Work, pairs: Sequence[tuple[UUID, UUID]], transaction_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], Ground]:
    """Lock the accounts of many members and currencies in ascending order; those that are not there are made first.

    Args:

        work: the unit of work.
        pairs: members, if the actor may reach them, and currencies.
        transaction_ids: what is about to be written; each ground says whether any of these is stored.

    Raises:

        NotFound: there is no such member, or the actor may not know of it.
        Invalid: a currency is of another program.
    """
    for _ in range(2):
        found = await lock_those(work, pairs, transaction_ids)
        missing = [pair for pair in pairs if pair not in found]
        if not missing:
            return found
        for member_id, currency_id in missing:
            await _check_currency(work, member_id, currency_id)
            await open_accounts(work, member_id)
    msg = "An account was not found although it was just opened."
    raise errors.Contention(msg)


async def lock_those(
    work: Work,
    pairs: Sequence[tuple[UUID, UUID]],
    transaction_ids: Sequence[UUID],
    spending: Collection[UUID] = (),
) -> dict[tuple[UUID, UUID], Ground]:
    """Lock those accounts of some members and currencies that there are, within the actor's reach; see `lock_pairs`.

    Args:

        work: the unit of work.
        pairs: members and currencies.
        transaction_ids: what is about to be written.
        spending: members whose lots are read too, in the same message.
    """
    dialect = work.database.dialect
    owners, currencies = [id for id, _ in pairs], [id for _, id in pairs]
    values: list[Any] = [owners, currencies, list(transaction_ids)]
    lots = None
    if dialect == "postgresql":
        await work.database.later(_LOCK_ALL_AHEAD, owners, currencies)
        values.append(list(spending))
        lots = _LOTS_OF_SPENDERS
    found = await _reached(work, _PAIRS[dialect], values, _ANY_STORED[dialect], lots)
    return {(ground.account.member_id, ground.account.currency_id): ground for ground in found}
