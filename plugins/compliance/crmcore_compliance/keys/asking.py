"""Questions about keys in the API: `complianceKeyRing` and `complianceCryptoInventory`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry

from crmcore import BigInt, Crm, Work, camel, errors, extend
from crmcore_compliance.keys.permissions import KEYS
from crmcore_compliance.keys.shown import (
    ComplianceCryptoInventory,
    ComplianceKeyEpoch,
    ComplianceKeyGroup,
    ComplianceKeyRing,
    ComplianceSealedField,
    ComplianceSigningKey,
)
from crmcore_compliance.state import Compliance, compliance_of

__all__ = ["ASKED"]

T = TypeVar("T")


async def compliance_key_ring(info: strawberry.Info[Any, None]) -> ComplianceKeyRing:
    """Ask the keystore."""

    async def answer(compliance: Compliance) -> ComplianceKeyRing:
        keyring = compliance.keyring
        stock = await keyring.inventory()
        active = {line.id for line in stock.epochs if line.state == "ACTIVE"}
        state, protection = await _kms(compliance)
        return ComplianceKeyRing(
            tenant=stock.tenant,
            keystore=stock.keystore,
            kms=compliance.settings.kms,
            kms_state=state,
            protection=protection,
            epochs=[
                ComplianceKeyEpoch(
                    number=line.id,
                    kms=line.kms,
                    version=line.version,
                    state=line.state,
                    uses=BigInt(line.wraps),
                    created_at=line.created_at,
                    destroy_after=line.destroy_after,
                    destroyed_at=line.destroyed_at,
                )
                for line in stock.epochs
            ],
            keys_left=sum(line.keys for line in stock.keys if line.epoch not in active),
            signing_keys=[
                ComplianceSigningKey(number=BigInt(key.id), public_key=key.public, since=key.since, until=key.until)
                for key in (await keyring.public_keys() if stock.epochs else ())
            ],
            erasures=stock.erasures,
        )

    return await _answered(info, answer)


async def compliance_crypto_inventory(info: strawberry.Info[Any, None]) -> ComplianceCryptoInventory:
    """Ask the keystore, and the entities."""

    async def answer(compliance: Compliance) -> ComplianceCryptoInventory:
        stock = await compliance.keyring.inventory()
        return ComplianceCryptoInventory(
            keys=[
                ComplianceKeyGroup(
                    use=line.use,
                    suite=line.suite,
                    state=line.state,
                    epoch=line.epoch,
                    keys=line.keys,
                    oldest=line.oldest,
                    newest=line.newest,
                )
                for line in stock.keys
            ],
            fields=_fields(compliance.crm),
            new_keys=compliance.settings.suite,
        )

    return await _answered(info, answer)


#: Given to the schema.
ASKED = (
    extend(
        "Query",
        strawberry.field(
            resolver=compliance_key_ring,
            description="The keys that wrap others, and those that sign; never a key itself. "
            "Needs the permission compliance.keys.",
        ),
        since="0.1.0",
    ),
    extend(
        "Query",
        strawberry.field(
            resolver=compliance_crypto_inventory,
            description="Which fields are sealed, and with which suites and keys. Needs the permission compliance.keys.",
        ),
        since="0.1.0",
    ),
)


async def _answered(info: strawberry.Info[Any, None], answer: Callable[[Compliance], Awaitable[T]]) -> T:
    crm: Crm = info.context.crm

    async def allowed(work: Work) -> None:
        work.require(KEYS)

    await crm.run(info.context.actor, allowed)
    return await answer(compliance_of(crm))


async def _kms(compliance: Compliance) -> tuple[str, str]:
    try:
        info = await compliance.keyring.epochs.service().describe()
    except (errors.SetupError, errors.Unavailable) as error:
        return f"UNUSABLE: {error}", ""
    return info.state, info.protection


def _fields(crm: Crm) -> list[ComplianceSealedField]:
    found = []
    for entity in crm.entities.values():
        for name, column in (entity.seal.columns if entity.seal else {}).items():
            personal = entity.facts[name].personal
            found.append(
                ComplianceSealedField(
                    field=f"{camel(entity.name)}.{camel(name)}",
                    category=personal.category if personal else None,
                    equality=column.equality,
                    prefix=column.prefix,
                )
            )
    return found
