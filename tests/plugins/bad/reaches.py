"""A plugin that reaches into a part of crmcore that may be another one tomorrow."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Permission, hookimpl
from crmcore.cache import Cache

plugin_name = "reaches"
kept: Cache[str, int] = Cache(1)


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    return []
