"""The id of a transaction that a client did not give one: of its idempotency key, so that repeating has one effect."""

from __future__ import annotations

from uuid import UUID, uuid5

from crmcore import Actor, Work

__all__ = ["id_of", "id_of_key"]

#: Names of transactions; any UUID would do.
_SPACE = UUID("6f1f35a5-28c2-5d0f-9f8e-0a1f6a1f2d11")


def id_of(work: Work, id: UUID | None) -> UUID | None:
    """Return the id given, else one made of who acts and the idempotency key, else None."""
    if id is not None or work.idempotency_key is None:
        return id
    return id_of_key(work.actor, work.idempotency_key)


def id_of_key(actor: Actor, key: str) -> UUID:
    """Return the id made of who acts and an idempotency key."""
    return uuid5(_SPACE, f"{actor.id or actor.label}:{key}")
