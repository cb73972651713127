"""What somebody reads for, as they say it: it can leave them less to see, never more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmcore.access.actor import Actor
from crmcore.errors import Invalid

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["for_purpose"]


async def for_purpose(crm: Crm, actor: Actor, code: str) -> Actor:
    """Return the actor as one who reads for a purpose.

    Args:

        crm: the CRM.
        actor: who acts.
        code: the purpose, as the plugin that knows purposes calls it.

    Raises:

        Invalid: no plugin knows the purpose.
        Refusal: a plugin knows it, and the actor may not act for it.
    """
    access = await crm.plugins.purpose(crm, code, actor.access)
    if access is None:
        msg = f"No plugin here knows the purpose {code[:80]!r}; leave out the header CRM-Purpose, or give a purpose that is declared."
        raise Invalid.at("purpose", "UNKNOWN_PURPOSE", msg)
    return replace(actor, access=access)
