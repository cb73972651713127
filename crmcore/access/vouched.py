"""Who acts when the application around the CRM says who is signed in there."""

from __future__ import annotations

from crmcore.access.actor import Actor, ActorType
from crmcore.access.actors import Actors
from crmcore.access.people import normal_email
from crmcore.database import Database, ids
from crmcore.errors import Unauthenticated

__all__ = ["resolve"]

_LOOK_UP = """
    select u.id, u.name, u.timezone, g.revision, u.email
    from crm_user u cross join crm_access_state g
    where u.email {keys} and u.is_active and u.deleted_at is null
"""


async def resolve(database: Database, actors: Actors, email: str) -> Actor:
    """Return the person whom somebody who can be believed names.

    Args:

        database: where.
        actors: compiles their rights.
        email: their name at sign-in, in any case.

    Raises:

        Unauthenticated: nobody here is called so, or they are no longer active.
    """
    row = await actors.look_up(database, _LOOK_UP, normal_email(email))
    if row is None:
        msg = f"The application around this CRM says that {email[:80]} asks, and nobody here who is active has that e-mail."
        raise Unauthenticated(msg)
    user_id, name, timezone, revision, _ = row
    rights = await actors.rights(database, user_id, revision)
    shown = ids.encode("user", user_id)
    return Actor(ActorType.USER, shown, name, user_id, rights.team_ids, rights.access, timezone)
