"""Keys as the schema shows them; never a key itself."""

from __future__ import annotations

from datetime import datetime

import strawberry

from crmcore import BigInt

__all__ = [
    "ComplianceCryptoInventory",
    "ComplianceKeyEpoch",
    "ComplianceKeyGroup",
    "ComplianceKeyRing",
    "ComplianceSealedField",
    "ComplianceSigningKey",
]


@strawberry.type(description="A key that wraps other keys for about a month.")
class ComplianceKeyEpoch:
    """See its fields."""

    number: int = strawberry.field(description="1, 2, 3 ….")
    kms: str = strawberry.field(description="The key service that wraps it.")
    version: str = strawberry.field(description="The version of the key service's key.")
    state: str = strawberry.field(
        description="Its state as NIST SP 800-57 has them: ACTIVE, DEACTIVATED, DESTROYED, …."
    )
    uses: BigInt = strawberry.field(description="How often it has wrapped a key; it stops at 2147483648.")
    created_at: datetime = strawberry.field(description="When it was made.")
    destroy_after: datetime | None = strawberry.field(description="When it is due to be destroyed; null while active.")
    destroyed_at: datetime | None = strawberry.field(description="When it was destroyed.")


@strawberry.type(description="A key that signs heads of the audit log, certificates and manifests.")
class ComplianceSigningKey:
    """See its fields."""

    number: BigInt = strawberry.field(description="By which signatures name it.")
    public_key: str = strawberry.field(description="The public key (Ed25519), base64.")
    since: datetime = strawberry.field(description="When it began to sign.")
    until: datetime | None = strawberry.field(description="When another one took over; null for the current one.")


@strawberry.type(description="Keys of one use, suite, state and epoch.")
class ComplianceKeyGroup:
    """See its fields."""

    use: str = strawberry.field(description="subjects, tenant (data of nobody in particular), index or signing.")
    suite: str = strawberry.field(description="The algorithm.")
    state: str = strawberry.field(description="Their state as NIST SP 800-57 has them.")
    epoch: int = strawberry.field(description="The epoch that wraps them.")
    keys: int = strawberry.field(description="How many there are.")
    oldest: datetime = strawberry.field(description="When the oldest was made.")
    newest: datetime = strawberry.field(description="When the newest was made.")


@strawberry.type(description="A field that is stored as ciphertext.")
class ComplianceSealedField:
    """See its fields."""

    field: str = strawberry.field(description='Entity and column: "customer.familyName".')
    category: str | None = strawberry.field(description="What kind of personal data it is.")
    equality: bool = strawberry.field(description="Whether it can be looked up.")
    prefix: bool = strawberry.field(description="Whether its beginnings can be.")


@strawberry.type(description="The keys that wrap others, and those that sign.")
class ComplianceKeyRing:
    """See its fields."""

    tenant: str = strawberry.field(description="The name of this installation in keys and ciphertexts.")
    keystore: str = strawberry.field(description="Where the keys are.")
    kms: str = strawberry.field(description="The key service of new epochs.")
    kms_state: str = strawberry.field(
        description="What the key service says of its key; UNUSABLE with the reason if nothing."
    )
    protection: str = strawberry.field(description="What keeps the key service's key from whoever steals a disk.")
    epochs: list[ComplianceKeyEpoch] = strawberry.field(description="The epochs, the oldest first.")
    keys_left: int = strawberry.field(description="How many keys former epochs wrap still.")
    signing_keys: list[ComplianceSigningKey] = strawberry.field(description="Keys that sign, the oldest first.")
    erasures: int = strawberry.field(description="How many people's keys were destroyed.")


@strawberry.type(description="Every use of cryptography here: which fields, suites, keys and ages (ASVS 11.1.2).")
class ComplianceCryptoInventory:
    """See its fields."""

    keys: list[ComplianceKeyGroup] = strawberry.field(description="The keys, in groups.")
    fields: list[ComplianceSealedField] = strawberry.field(description="The sealed fields.")
    new_keys: str = strawberry.field(description="The suite of keys that are made for people now.")
