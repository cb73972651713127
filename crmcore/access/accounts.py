"""People's accounts: made, found, given a password and roles, and turned into actors."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmcore.access import held, passwords, sessions
from crmcore.access.actor import NOTHING, Actor, ActorType
from crmcore.access.people import normal_email
from crmcore.access.rights import combined
from crmcore.database import Database, ids
from crmcore.entities import actions
from crmcore.entities.registry import Entities
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid, NotFound

__all__ = ["create_user", "find_user", "give_role", "load_actor", "set_password", "take_role"]


async def load_actor(database: Database, entities: Entities, user_id: UUID) -> Actor:
    """Return a person as an actor, with their rights as they are now; one who is not active has none.

    Raises:

        NotFound: there is no such live person.
    """
    rows = await database.fetch(
        "select name, timezone, is_active from crm_user where id = $1 and deleted_at is null", user_id
    )
    shown = ids.encode("user", user_id)
    if not rows:
        msg = f"There is no user {shown}."
        raise NotFound(msg)
    name, timezone, is_active = rows[0]
    access = combined(entities, await held.roles(database, user_id)) if is_active else NOTHING
    teams = await held.teams(database, user_id)
    return Actor(ActorType.USER, shown, name, user_id, teams, access, timezone)


async def create_user(
    work: Work,
    *,
    name: str,
    email: str | None = None,
    password: str | None = None,
    roles: Iterable[str] = (),
    locale: str | None = None,
    timezone: str | None = None,
) -> Row:
    """Make a person's account.

    Args:

        work: the unit of work.
        name: what colleagues call them.
        email: their name at sign-in, in any case.
        password: they may sign in with it; without one they act with tokens, or not at all.
        roles: keys of roles (`"sales"`).
        locale: BCP 47.
        timezone: IANA.

    Returns:

        The user's row.

    Raises:

        Invalid: something is wrong with it, or there is no such role.
        Duplicate: the e-mail is somebody else's.
        Forbidden: the actor may not create users, or give these roles.
    """
    values = {"name": name, "email": email, "locale": locale, "timezone": timezone}
    user = await actions.create(work, "user", {k: v for k, v in values.items() if v is not None})
    if password is not None:
        await set_password(work, user["id"], password)
    for key in roles:
        await give_role(work, user["id"], key)
    return user


async def find_user(work: Work, email: str) -> Row:
    """Return the live person with an e-mail address, in any case.

    Raises:

        NotFound: there is none.
    """
    found = await work.find("user", email=normal_email(email))
    if not found:
        msg = f"There is no user with the e-mail {email[:80]}; `crm user list` shows them."
        raise NotFound(msg)
    return found[0]


async def give_role(work: Work, user_id: UUID, key: str) -> Row:
    """Give a person a role by its key; return the assignment, which may have been there.

    Raises:

        Invalid: there is no such role, or it permits more than the actor may do.
        Forbidden: the actor may not change the role.
    """
    role = await _role(work, key)
    given = await work.find("role_assignment", user_id=user_id, role_id=role["id"])
    return (
        given[0]
        if given
        else await actions.create(work, "role_assignment", {"user_id": user_id, "role_id": role["id"]})
    )


async def take_role(work: Work, user_id: UUID, key: str) -> bool:
    """Take a role from a person; say whether they had it.

    Raises:

        Invalid: there is no such role, or nobody who may do everything would be left.
        Forbidden: the actor may not change the role.
    """
    role = await _role(work, key)
    given = await work.find("role_assignment", user_id=user_id, role_id=role["id"])
    for assignment in given:
        await actions.delete(work, "role_assignment", assignment["id"])
    return bool(given)


async def set_password(work: Work, user_id: UUID, password: str) -> None:
    """Give a person a password, and end their sessions; tokens stay.

    Whether the actor may do so is the caller's to decide (see `actions.set_password`).

    Raises:

        NotFound: there is no such live person.
        Invalid: the password is too short, too long or too easy.
    """
    found = await work.find("user", id=user_id)
    if not found:
        msg = f"There is no user {ids.encode('user', user_id)}."
        raise NotFound(msg)
    if fault := passwords.fault(password, (found[0]["name"], found[0]["email"])):
        raise Invalid.at("password", "WEAK", fault)
    await work.database.execute(
        "insert into crm_credential (id, user_id, password_hash, changed_at) values ($1, $2, $3, $4) "
        "on conflict (user_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at",
        ids.new(),
        user_id,
        await passwords.hashed(password),
        work.now,
    )
    await sessions.end_all(work.database, user_id)


async def _role(work: Work, key: str) -> Row:
    found = await work.find("role", key=key)
    if not found:
        known = ", ".join(sorted(row["key"] for row in await work.find("role")))
        raise Invalid.at("role", "UNKNOWN_ROLE", f"There is no role {key[:40]!r}; there are {known or 'none'}.")
    return found[0]
