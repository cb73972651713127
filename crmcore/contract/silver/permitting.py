"""Does every change ask whether it is permitted?"""

from __future__ import annotations

from collections.abc import AsyncIterator

from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.mutations import Request, requests
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.tried import tried
from crmcore.database import ids
from crmcore.testing import TestCrm

__all__ = ["every_change_needs_permission"]


@rule(Tier.SILVER)
async def every_change_needs_permission(subject: Subject) -> AsyncIterator[Shortfall]:
    """Whoever signs in can send any mutation: what does not ask for a permission is open to all of them.

    Each mutation that the plugin adds, those of its entities, its actions and its fields of `Mutation`, is sent with
    arguments made up of their types by somebody without any permission, and by somebody who may read everything and do
    nothing else. Each must be refused. Arguments that the action does not take are refused too, and prove nothing.
    """
    async with tried(subject, subject.dialects[0]) as crm:
        records = Records(crm, subject.name)
        asked = [request async for request in requests(subject, records)]
        for described, access in _kinds(crm):
            user = await crm.make("user", name="A stranger")
            actor = Actor(ActorType.USER, ids.encode("user", user["id"]), "stranger", user_id=user["id"], access=access)
            for request in asked:
                if await _done(crm, request, actor):
                    yield Shortfall(
                        f"Mutation.{request.field} is done for {described}.",
                        "Give the action a permission: @action(…, permission="
                        f'"{subject.name}.…"), declared by crm_permissions; or read the record it changes by '
                        'work.get(…, action="update"), which asks for the right to change it.',
                    )


def _kinds(crm: TestCrm) -> list[tuple[str, Access]]:
    reading = Access(scopes={f"{name}:read": Scope.ALL for name in crm.entities})
    return [
        ("somebody without any permission", Access()),
        ("somebody who may read everything and change nothing", reading),
    ]


async def _done(crm: TestCrm, request: Request, actor: Actor) -> bool:
    answer = await crm.execute(request.text, request.variables, actor=actor)
    made = (answer.get("data") or {}).get(request.field)
    return "errors" not in answer and made is not None and not (isinstance(made, dict) and "code" in made)
