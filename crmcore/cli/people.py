"""The person a command is about, or in whose name it acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmcore.cli.running import operator

if TYPE_CHECKING:
    from crmcore.access.actor import Actor
    from crmcore.app import Crm
    from crmcore.entities.store import Row
    from crmcore.entities.work import Work

__all__ = ["actor_of", "find_person"]


async def actor_of(crm: Crm, person: str | None) -> Actor:
    """Return somebody (by e-mail or id) with their rights as the actor; None is whoever runs the command, with all rights."""
    if person is None:
        return operator()
    from crmcore.access import accounts

    async def unit(work: Work) -> Any:
        return (await find_person(work, person))["id"]

    return await accounts.load_actor(crm.database, crm.entities, await crm.run(operator(), unit))


async def find_person(work: Work, text: str) -> Row:
    """Return a live person by e-mail address or by id (`user_…`).

    Raises:

        NotFound: there is none.
        Invalid: it looks like an id and is none.
    """
    from crmcore.access import accounts
    from crmcore.database import ids
    from crmcore.errors import NotFound

    if "@" in text or not text.startswith("user_"):
        return await accounts.find_user(work, text)
    found = await work.find("user", id=ids.parse(text, "user"))
    if not found:
        message = f"There is no user {text}; crm user list shows all."
        raise NotFound(message)
    return found[0]
