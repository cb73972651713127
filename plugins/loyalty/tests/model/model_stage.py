"""The program of the model's runs: its currencies and its members."""

from __future__ import annotations

from uuid import UUID

from crmcore_loyalty.program.enrolling import enrol
from plain_parts import CURRENCIES, ZONE

from crmcore import Actor, Crm, Work, actions

__all__ = ["SYSTEM", "member", "stock"]

SYSTEM = Actor.system("model")


async def stock(crm: Crm) -> tuple[UUID, dict[str, UUID]]:
    """Make the program; return its id and those of its currencies by code."""

    async def unit(work: Work) -> tuple[UUID, dict[str, UUID]]:
        values = {"code": "P", "name": "P", "timezone": ZONE.key, "status": "ACTIVE"}
        program = await actions.create(work, "loyalty_program", values)
        ids = {}
        for code, given in CURRENCIES.items():
            data = {"program_id": program["id"], "code": code, "name": code, **given}
            ids[code] = (await actions.create(work, "loyalty_currency", data))["id"]
        return program["id"], ids

    return await crm.run(SYSTEM, unit)


async def member(crm: Crm, program_id: UUID) -> UUID:
    """Make a customer and enrol it."""

    async def unit(work: Work) -> UUID:
        customer = await actions.create(work, "customer", {"kind": "PERSON", "display_name": "A member"})
        id: UUID = (await enrol(work, program_id, customer["id"]))["id"]
        return id

    return await crm.run(SYSTEM, unit, isolation="read committed")
