"""A plugin that listens: inside a transaction, where it may veto, and after its commit."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Created, Crm, Event, Work, after, errors, hookimpl, inside

plugin_name = "ears"

heard: list[str] = []


async def listen(work: Work, event: Created) -> None:
    heard.append(f"inside {event.entity} in transaction {work.database.in_transaction}")
    if event.after.get("display_name") == "Nobody":
        raise errors.Invalid.at("displayName", "NOBODY", "Somebody must have another name.")


async def fail(crm: Crm, event: Event) -> None:
    msg = "deaf"
    raise RuntimeError(msg)


async def tell(crm: Crm, event: Event) -> None:
    heard.append(f"after {event.entity} in transaction {crm.database.in_transaction}")


@hookimpl
def crm_handlers() -> Iterable[object]:
    return [inside(Created, listen), after(Created, fail), after(Created, tell)]
