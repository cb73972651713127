"""The arguments that the ledger's mutations share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from crmcore import BigInt, Database, Ref, Work, errors, ids
from crmcore_loyalty.ledger.asked import POLICY, Accrual, Redemption, Source
from crmcore_loyalty.sets import as_uuid

__all__ = [
    "At",
    "Currency",
    "Id",
    "Member",
    "Of",
    "Part",
    "Points",
    "Reason",
    "SourceId",
    "SourceType",
    "accrual_of",
    "currency_called",
    "currency_of",
    "redemption_of",
    "source_of",
]

Member: TypeAlias = Annotated[UUID, Ref("loyalty_member"), "Whose points."]
Currency: TypeAlias = Annotated[
    str, "Which points: the currency's code in the member's program, as in POINTS, or its id."
]
Points: TypeAlias = Annotated[BigInt, "How many, in the currency's smallest unit."]
Part: TypeAlias = Annotated[
    BigInt | None, "How many, in the currency's smallest unit; all that is left if you do not say."
]
Id: TypeAlias = Annotated[
    UUID | None,
    Ref("loyalty_transaction"),
    "The transaction's id, if you choose it: `loyalty_transaction_` and a new UUID. Asking twice under one id has one effect.",
]
At: TypeAlias = Annotated[datetime | None, "When it happened in the business; now if you do not say."]
Reason: TypeAlias = Annotated[str | None, "Why, in a sentence, without personal data."]
SourceType: TypeAlias = Annotated[str | None, "What it comes from, as in `order` or `till`; goes with `sourceId`."]
SourceId: TypeAlias = Annotated[str | None, "Which one that is, by its id there."]
Of: TypeAlias = Annotated[UUID, Ref("loyalty_transaction"), "Which transaction."]

_OWN = "loyalty_currency"
#: One row whatever is bound, so that many who ask at once are one statement.
_CALLED = """
    select (select c.id from loyalty_member m join loyalty_currency c on c.program_id = m.program_id
            where m.id = $1 and c.code = $2 and m.deleted_at is null and c.deleted_at is null) as id
""".strip()


def accrual_of(
    *,
    member_id: UUID,
    currency_id: UUID,
    points: int,
    id: UUID | None,
    event_at: datetime | None = None,
    pending: bool = False,
    active_at: datetime | None = None,
    expires_at: datetime | None = None,
    source_type: str | None = None,
    source_id: str | None = None,
    reason: str | None = None,
) -> Accrual:
    """Return what the arguments of `loyaltyAccrue` ask.

    Raises:

        Invalid: only half of a source is said.
    """
    return Accrual(
        member_id=member_id,
        currency_id=currency_id,
        points=points,
        id=id,
        event_at=event_at,
        active_at=None if pending else active_at or POLICY,
        expires_at=expires_at or POLICY,
        source=source_of(source_type, source_id),
        reason=reason,
    )


def redemption_of(
    *,
    member_id: UUID,
    currency_id: UUID,
    points: int,
    id: UUID | None,
    event_at: datetime | None = None,
    source_type: str | None = None,
    source_id: str | None = None,
    reason: str | None = None,
) -> Redemption:
    """Return what the arguments of `loyaltyRedeem` ask.

    Raises:

        Invalid: only half of a source is said.
    """
    return Redemption(
        member_id=member_id,
        currency_id=currency_id,
        points=points,
        id=id,
        event_at=event_at,
        source=source_of(source_type, source_id),
        reason=reason,
    )


async def currency_called(database: Database, member_id: UUID, currency: str) -> UUID | None:
    """Return a currency by what a client calls it, whoever may reach the member; None if the member's program has none such.

    Raises:

        Invalid: it looks like an id and is none.
    """
    if currency.startswith(f"{_OWN}_"):
        return ids.parse(currency, _OWN)
    (id,) = await database.row(_CALLED, member_id, currency)
    return None if id is None else as_uuid(id)


async def currency_of(work: Work, member_id: UUID, currency: str) -> UUID:
    """Return a currency by what a client calls it.

    Raises:

        Invalid: there is no such currency in the member's program.
        NotFound: there is no such member, or the actor may not know of it; if there is, whoever locks the account says so.
    """
    if (id := await currency_called(work.database, member_id, currency)) is not None:
        return id
    await work.get("loyalty_member", member_id)
    msg = f"The member's program has no currency {currency!r}; give the code or the id of one it has."
    raise errors.Invalid.at("currency", "UNKNOWN_CURRENCY", msg)


def source_of(source_type: str | None, source_id: str | None) -> Source | None:
    """Return what something comes from, None if nobody says.

    Raises:

        Invalid: only half of it is said.
    """
    if (source_type is None) != (source_id is None):
        raise errors.Invalid.at("sourceId", "INCOMPLETE", "Give sourceType and sourceId together.")
    return None if source_type is None or source_id is None else Source(type=source_type, id=source_id)
