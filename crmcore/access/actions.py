"""What people do with passwords, tokens and sign-ins, as mutations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore.access import accounts, passwords, sessions, tokens
from crmcore.access.manage import MANAGE, check_manages
from crmcore.access.narrowing import EVERY_RIGHT
from crmcore.access.tokens import IssuedToken
from crmcore.database import ids
from crmcore.entities.action import Ref, Secret, action
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid, NotFound

__all__ = ["RevokedTokens", "end_sessions", "issue_token", "revoke_token", "set_password"]


@dataclass(frozen=True)
class RevokedTokens:
    """How many tokens ended: the one that was named and those made with it."""

    count: Annotated[int, "How many tokens ended: the one that was named and those made with it."]


@action(returns=IssuedToken)
async def issue_token(
    work: Work,
    label: Annotated[str, "What the token is for."],
    scopes: Annotated[
        list[str] | None,
        "What it is limited to: permissions, as in customer:read, *:read or deal:*; all its owner may do if absent.",
    ] = None,
    expires_at: Annotated[datetime | None, "When it ends by itself; never if absent."] = None,
    user_id: Annotated[UUID | None, Ref("user"), "In whose name it acts; yours if absent."] = None,
) -> IssuedToken:
    """Make a token for a program. The answer is the only time its secret is shown."""
    owner = user_id or work.actor.user_id
    if owner is None:
        raise Invalid.at("userId", "REQUIRED", "Say in whose name the token shall act.")
    if owner != work.actor.user_id:
        await _check(work, owner)
    return await tokens.issue(work, owner, label, [EVERY_RIGHT] if scopes is None else scopes, expires_at)


@action(returns=RevokedTokens)
async def revoke_token(work: Work, id: Annotated[str, "The token's id, as in token_…"]) -> RevokedTokens:
    """End a token, and all that were made with it, at once."""
    token_id = ids.parse(id, "token")
    owner = await work.database.fetch_value("select user_id from crm_token where id = $1", token_id)
    if owner is None or (owner != work.actor.user_id and not work.actor.access.may(MANAGE)):
        msg = f"There is no token {id}, or it is not yours."
        raise NotFound(msg)
    if work.actor.id != id:
        await _check(work, owner)
    return RevokedTokens(await tokens.revoke(work.database, token_id))


@action(returns="user")
async def set_password(
    work: Work,
    password: Annotated[str, Secret(), "The new password: 12 characters or more; a sentence is a good one."],
    user_id: Annotated[UUID | None, Ref("user"), "Whose; yours if absent."] = None,
    current_password: Annotated[str | None, Secret(), "The password so far; needed for your own."] = None,
) -> Row:
    """Set a password, and end the person's sign-ins. Tokens stay."""
    owner = user_id or work.actor.user_id
    if owner is None:
        raise Invalid.at("userId", "REQUIRED", "Say whose password it is.")
    await _check(work, owner)
    if owner == work.actor.user_id:
        await _check_current(work, owner, current_password)
    await accounts.set_password(work, owner, password)
    return await work.get("user", owner)


@action(returns="user")
async def end_sessions(
    work: Work, user_id: Annotated[UUID | None, Ref("user"), "Whose; yours if absent."] = None
) -> Row:
    """End all of a person's sign-ins, on all devices, at once. Tokens stay."""
    owner = user_id or work.actor.user_id
    if owner is None:
        raise Invalid.at("userId", "REQUIRED", "Say whose sign-ins shall end.")
    await _check(work, owner)
    await sessions.end_all(work.database, owner)
    return await work.get("user", owner)


async def _check(work: Work, owner: UUID) -> None:
    await check_manages(work.database, work.entities, work.actor, owner)


async def _check_current(work: Work, owner: UUID, current: str | None) -> None:
    kept = await work.database.fetch_value("select password_hash from crm_credential where user_id = $1", owner)
    if kept is not None and (current is None or not await passwords.verify(kept, current)):
        raise Invalid.at(
            "currentPassword", "WRONG", "That is not your password so far; ask an administrator if you lost it."
        )
