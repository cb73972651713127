"""What people ask about themselves: `me`, and why they may or may not see or change a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.access.accounts import load_actor
from crmcore.access.actions import MANAGE
from crmcore.access.explain import explain
from crmcore.database import ids
from crmcore.entities.action import RecordRef, Ref
from crmcore.errors import Forbidden, Invalid
from crmcore.graphql.context import Context
from crmcore.graphql.enums import as_enum
from crmcore.graphql.values import Granted

__all__ = ["viewer_roots"]


@as_enum
class AccessAction(Enum):
    """What can be permitted on a record."""

    READ = "See it."
    UPDATE = "Change it."
    DELETE = "Delete and restore it."
    DESTROY = "Remove it for ever."
    EXPORT = "Export it."


@strawberry.type(description="Whether somebody may do something with a record, and which rule decides.")
class AccessExplanation:
    allowed: bool = strawberry.field(description="Whether they may.")
    rule: str = strawberry.field(description="The rule that decides, for programs.")
    sentences: list[str] = strawberry.field(description="How it comes about, for people.")


def viewer_roots() -> Iterable[StrawberryField]:
    """Return `me` and `explainAccess`."""
    about = "The user behind the request; null for programs of the CRM itself."
    yield _root("me", about, _me)
    about = "Why you, or another user, may or may not do something with a record. About others needs access.manage."
    yield _root("explainAccess", about, _explain_access)


def _root(name: str, description: str, resolver: Callable[..., Any]) -> StrawberryField:
    made: StrawberryField = strawberry.field(resolver=resolver, name=name, description=description)
    return made


async def _me(info: strawberry.Info[Context, None]) -> Annotated[RecordRef, Ref("user")] | None:
    user_id = info.context.actor.user_id
    return None if user_id is None else Granted("user", user_id)


async def _explain_access(
    info: strawberry.Info[Context, None],
    id: Annotated[strawberry.ID, strawberry.argument(description="Which record.")],
    action: Annotated[AccessAction, strawberry.argument(description="To do what.")],
    user_id: Annotated[strawberry.ID | None, strawberry.argument(description="Who; you if absent.")] = None,
) -> AccessExplanation:
    crm, actor = info.context.crm, info.context.actor
    entity, record = ids.split(id)
    if entity not in crm.entities:
        raise Invalid.at("id", "UNKNOWN_TYPE", f"There are no records of the type {entity[:60]!r}.")
    if user_id is not None and ids.parse(user_id, "user") != actor.user_id:
        if not actor.access.may(MANAGE):
            msg = f"{actor.label} lacks the permission {MANAGE}; you can ask about yourself."
            raise Forbidden(msg)
        actor = await load_actor(crm.database, crm.entities, ids.parse(user_id, "user"))
    found = await explain(crm.database, crm.entities, actor, entity, record, action.name.lower())
    return AccessExplanation(allowed=found.allowed, rule=found.rule, sentences=found.sentences)
