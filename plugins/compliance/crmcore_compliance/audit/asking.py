"""Heads and proofs in the API."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import strawberry

from crmcore import BigInt, Crm, errors, extend, ids
from crmcore_compliance.audit import proofs
from crmcore_compliance.audit.access.permissions import AUDIT
from crmcore_compliance.audit.heads import Head, head_of, latest

__all__ = ["ASKING"]

_Proof = TypeVar("_Proof")
_ENTRY = "compliance_audit_entry"
_SIZE = "How many entries the head has; null is the last head."


@strawberry.type(description="A head of the audit log: so many entries, with this root (RFC 9162), signed.")
class ComplianceTreeHead:
    """As the schema shows it."""

    size: BigInt = strawberry.field(description="How many entries the log has.")
    root: str = strawberry.field(description="The root of the tree over them as base64.")
    at: datetime = strawberry.field(description="When it was signed.")
    log: str = strawberry.field(description="Identifies the log.")
    previous: str = strawberry.field(description="Digest of what was signed before it; empty for the first.")
    key: str = strawberry.field(description="Digest of the public key.")
    public_key: str = strawberry.field(description="The public key (Ed25519) as base64.")
    signature: str = strawberry.field(description="The signature as base64.")


@strawberry.type(description="Shows that an entry is in the audit log.")
class ComplianceInclusionProof:
    """As the schema shows it."""

    number: BigInt = strawberry.field(description="Which entry it is, from 0.")
    entry: str = strawberry.field(description="What was signed, as canonical JSON.")
    proof: list[str] = strawberry.field(description="Hashes of the subtrees beside the way to the root, as base64.")
    head: ComplianceTreeHead = strawberry.field(description="The head in which it is.")


@strawberry.type(description="Shows that the log of one head is the beginning of that of another.")
class ComplianceConsistencyProof:
    """As the schema shows it."""

    first: ComplianceTreeHead = strawberry.field(description="The earlier head.")
    second: ComplianceTreeHead = strawberry.field(description="The later head.")
    proof: list[str] = strawberry.field(description="Hashes of the subtrees of which both are made, as base64.")


async def _head(
    info: strawberry.Info[Any, None],
    size: Annotated[BigInt | None, strawberry.argument(description=_SIZE)] = None,
) -> ComplianceTreeHead | None:
    crm = _allowed(info)
    head = await (latest(crm.database) if size is None else head_of(crm.database, size))
    return None if head is None else _shown(head)


async def _inclusion(
    info: strawberry.Info[Any, None],
    id: Annotated[strawberry.ID, strawberry.argument(description="Which entry.")],
    size: Annotated[BigInt | None, strawberry.argument(description=_SIZE)] = None,
) -> ComplianceInclusionProof | None:
    crm = _allowed(info)
    found = await _whole(proofs.inclusion(crm.database, ids.parse(id, _ENTRY), size))
    if found is None:
        return None
    return ComplianceInclusionProof(
        number=BigInt(found.number), entry=found.entry, proof=_texts(found.steps), head=_shown(found.head)
    )


async def _consistency(
    info: strawberry.Info[Any, None],
    first: Annotated[BigInt, strawberry.argument(description="How many entries the earlier head has.")],
    second: Annotated[BigInt | None, strawberry.argument(description=_SIZE)] = None,
) -> ComplianceConsistencyProof | None:
    crm = _allowed(info)
    found = await _whole(proofs.consistency(crm.database, first, second))
    if found is None:
        return None
    return ComplianceConsistencyProof(first=_shown(found.first), second=_shown(found.head), proof=_texts(found.steps))


async def _whole(proof: Awaitable[_Proof]) -> _Proof:
    try:
        return await proof
    except LookupError as missing:
        raise errors.Conflict(str(missing)) from missing


def _allowed(info: strawberry.Info[Any, None]) -> Crm:
    if not info.context.actor.access.may(AUDIT):
        msg = f"Proofs of the audit log need the permission {AUDIT}; ask an administrator for it."
        raise errors.Forbidden(msg)
    crm: Crm = info.context.crm
    return crm


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


def _shown(head: Head) -> ComplianceTreeHead:
    return ComplianceTreeHead(
        size=BigInt(head.size),
        root=base64.b64encode(head.root).decode(),
        at=head.at,
        log=head.log,
        previous=head.previous,
        key=head.key,
        public_key=head.public,
        signature=head.signature,
    )


ASKING = tuple(
    extend("Query", strawberry.field(resolver=resolver, name=name, description=description), since="0.1.0")
    for resolver, name, description in (
        (_head, "complianceAuditTreeHead", "A signed head of the audit log; null if there is none."),
        (
            _inclusion,
            "complianceAuditInclusionProof",
            "That an entry is in the audit log; null if it is not, or not yet.",
        ),
        (
            _consistency,
            "complianceAuditConsistencyProof",
            "That nothing was changed or removed between two heads; null if there are no such heads.",
        ),
    )
)
