"""The arguments that the ledger's mutations share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from crmcore import BigInt, Ref, Work, errors, ids
from crmcore_loyalty.ledger.asked import Source

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
    "currency_of",
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


async def currency_of(work: Work, member_id: UUID, currency: str) -> UUID:
    """Return a currency by what a client calls it.

    Raises:

        Invalid: there is no such currency in the member's program.
        NotFound: there is no such member, or the actor may not know of it.
    """
    if currency.startswith(f"{_OWN}_"):
        return ids.parse(currency, _OWN)
    member = await work.get("loyalty_member", member_id)
    found = await work.find(_OWN, program_id=member["program_id"], code=currency)
    if not found:
        msg = f"The member's program has no currency {currency!r}; give the code or the id of one it has."
        raise errors.Invalid.at("currency", "UNKNOWN_CURRENCY", msg)
    id: UUID = found[0]["id"]
    return id


def source_of(source_type: str | None, source_id: str | None) -> Source | None:
    """Return what something comes from, None if nobody says.

    Raises:

        Invalid: only half of it is said.
    """
    if (source_type is None) != (source_id is None):
        raise errors.Invalid.at("sourceId", "INCOMPLETE", "Give sourceType and sourceId together.")
    return None if source_type is None or source_id is None else Source(type=source_type, id=source_id)
