"""People with words of their own, so that one can tell whose data are where."""

from __future__ import annotations

from uuid import UUID

from crmcore import Actor, Crm, Work, actions

__all__ = ["ACTOR", "PLAIN", "SECRET", "people"]

ACTOR = Actor.system("faults")
#: In sealed columns, and in plain ones.
SECRET, PLAIN = "Secretquark{}x", "plainquark{}x"


async def people(crm: Crm, count: int) -> list[UUID]:
    """Make people with an address, an interaction and a history."""
    return [await crm.run(ACTOR, lambda work, n=n: _person(work, n)) for n in range(count)]


async def _person(work: Work, n: int) -> UUID:
    secret, plain = SECRET.format(n), PLAIN.format(n)
    row = await actions.create(work, "customer", {"kind": "PERSON", "family_name": secret, "description": plain})
    of = {"customer_id": row["id"]}
    await actions.create(work, "contact_point", {**of, "type": "EMAIL", "value": f"{secret}@example.com"})
    call = {**of, "kind": "NOTE", "status": "COMPLETED", "occurred_at": work.now, "subject": secret, "body": plain}
    await actions.create(work, "interaction", call)
    await actions.update(work, "customer", row["id"], {"job_title": plain})
    id: UUID = row["id"]
    return id
