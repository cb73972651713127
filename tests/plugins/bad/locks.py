"""A plugin that keeps the whole CRM down until somebody has given it a key."""

from __future__ import annotations

import msgspec

from crmcore import Crm, hookimpl

plugin_name = "locks"


class LocksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens it.

    Attributes:

        key: without it nothing goes.
    """

    key: str | None = None


@hookimpl
def crm_settings() -> type[LocksSettings]:
    return LocksSettings


@hookimpl
async def crm_startup(crm: Crm) -> None:
    if crm.settings[LocksSettings].key is None:
        msg = "no key"
        raise RuntimeError(msg)
