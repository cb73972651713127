"""The first administrator of a new CRM, and the token that lets them in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crmcore.access import accounts, tokens
from crmcore.access.actor import Actor
from crmcore.access.defaults import ensure_default_roles
from crmcore.access.tokens import IssuedToken
from crmcore.entities.store import Row
from crmcore.entities.work import Work

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["first_admin", "issue_first_token"]

#: How long the first token counts: until somebody has made an account of their own with it.
_LIFE = timedelta(days=7)


async def first_admin(work: Work) -> tuple[Row, IssuedToken]:
    """Make the first administrator and a token of theirs, which ends after a week. Run it as the system."""
    await ensure_default_roles(work)
    user = await accounts.create_user(work, name="Administrator", roles=("admin",))
    return user, await tokens.issue(work, user["id"], "First start", expires_at=work.now + _LIFE)


async def issue_first_token(crm: Crm) -> str | None:
    """Make the first administrator if there is no user yet; return their token, which is shown this once.

    Of two processes that start at once the second waits where it gives the role, starts over, and finds the first's.
    """

    async def unit(work: Work) -> str | None:
        if await work.rows("select 1 from crm_user limit 1"):
            return None
        _, token = await first_admin(work)
        return token.secret

    return await crm.run(Actor.system(), unit)
