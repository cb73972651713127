"""Finding the person a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore.entities.store import Row
    from crmcore.entities.work import Work

__all__ = ["find_person"]


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
