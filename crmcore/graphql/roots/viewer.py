"""What people ask about themselves: who they are, what they may do with a record, which tokens they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.access.accounts import load_actor
from crmcore.access.explain import explain
from crmcore.access.known_tokens import KnownToken, known_tokens
from crmcore.access.manage import MANAGE
from crmcore.database import ids
from crmcore.entities.action import RecordRef, Ref
from crmcore.errors import Forbidden, Invalid
from crmcore.graphql.mutations.inputs import read_id
from crmcore.graphql.mutations.results import result_object, shown
from crmcore.graphql.mutations.values import Granted, Value
from crmcore.graphql.requests.context import Context
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.forge import many

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


def viewer_roots(types: Types) -> Iterable[StrawberryField]:
    """Return `me`, `explainAccess` and `tokens`."""
    about = "The user behind the request; null for programs of the CRM itself."
    yield _root("me", about, _me)
    about = "Why you, or another user, may or may not do something with a record. About others needs access.manage."
    yield _root("explainAccess", about, _explain_access)
    about = "The tokens you, or another user, have, the newest first; never their secrets. Others' needs access.manage."
    yield _root("tokens", about, _tokens, many(result_object(types, KnownToken)))


def _root(name: str, description: str, resolver: Callable[..., Any], type_: Any = None) -> StrawberryField:
    made: StrawberryField = strawberry.field(resolver=resolver, name=name, description=description, graphql_type=type_)
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
    asked = None if user_id is None else read_id(user_id, "user", "userId")
    if asked is not None and asked != actor.user_id:
        if not actor.access.may(MANAGE):
            msg = f"{actor.label} lacks the permission {MANAGE}; you can ask about yourself."
            raise Forbidden(msg)
        actor = await load_actor(crm.database, crm.entities, asked)
    found = await explain(crm.database, crm.entities, actor, entity, record, action.name.lower())
    return AccessExplanation(allowed=found.allowed, rule=found.rule, sentences=found.sentences)


async def _tokens(
    info: strawberry.Info[Context, None],
    user_id: Annotated[strawberry.ID | None, strawberry.argument(description="Whose; yours if absent.")] = None,
) -> list[Value]:
    crm = info.context.crm
    owner = None if user_id is None else read_id(user_id, "user", "userId")
    return [shown(t) for t in await known_tokens(crm.database, crm.entities, info.context.actor, owner)]
