"""A plugin that knows one purpose, `mail`: who acts for it sees only customers with a website."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from crmcore import Access, ActorValue, Narrowing, errors, hookimpl

plugin_name = "purposes"


@hookimpl
def crm_narrowings() -> Iterable[Narrowing]:
    return [Narrowing("customer", _reachable, ("read", "update"))]


@hookimpl
async def crm_purpose(code: str, access: Access) -> Access | None:
    if code == "espionage":
        msg = "Nobody here reads for espionage."
        raise errors.Forbidden(msg)
    return replace(access, purpose=code) if code == "mail" else None


def _reachable(alias: str, _: Callable[[ActorValue], str], access: Access) -> str | None:
    return f"{alias}.website is not null" if access.purpose == "mail" else None
