"""The rules of endpoints: where they may lead, and what they may be about."""

from __future__ import annotations

from urllib.parse import urlsplit

from crmcore.entities.change import Change
from crmcore.entities.work import Work
from crmcore.errors import Refusal
from crmcore.webhooks import cursors
from crmcore.webhooks.addresses import refused
from crmcore.webhooks.endpoint import Endpoint, actor_of, wants
from crmcore.webhooks.rights import keep_rights, require_sight, settle_rights
from crmcore.webhooks.running import Running, running_on

__all__ = ["prepare_endpoint"]

#: What anybody may do who may change an endpoint, and the server itself, whatever is wrong with it meanwhile.
_OFF = {"enabled": False}


async def prepare_endpoint(work: Work, change: Change) -> None:
    """The rules of an endpoint, whatever the door."""
    if change.kind in ("delete", "destroy"):
        await cursors.forget(work.database, change.id)
        return
    if change.kind == "update" and change.values == _OFF:
        change.values["disabled_reason"] = change.context.get("reason")
        await cursors.forget(work.database, change.id)
        return
    running = running_on(work.database)
    if change.kind == "create":
        await settle_rights(work, change)
    else:
        await require_sight(work, running, change.before or {})
        keep_rights(work, change)
    _check_url(running, change)
    _check_types(running, change)
    if not change.violations:
        await _check_filter(running, change)
    if not change.violations:
        await _settle_cursor(work, running, change)


def _check_url(running: Running, change: Change) -> None:
    if not change.changed("url"):
        return
    try:
        parts = urlsplit(str(change.get("url")))
        _ = parts.port
    except ValueError as problem:
        change.refuse("url", "MALFORMED", f"url: {problem}.")
        return
    if parts.scheme != "https" and not running.settings.plain_http:
        change.refuse(
            "url", "NOT_HTTPS", "url must begin with https://; an operator may allow http:// with plain_http."
        )
    if parts.username or parts.password or parts.fragment:
        change.refuse(
            "url", "MALFORMED", "url must hold neither user, password nor #; what it is called with is signed."
        )
    if _is_refused(running, parts.hostname or ""):
        change.refuse("url", "NOT_PUBLIC", f"{parts.hostname} is no public address; see the setting allowed_networks.")


def _is_refused(running: Running, host: str) -> bool:
    try:
        return refused(host, running.settings.networks)
    except ValueError:
        # A name: where it leads is seen when a message is sent, each time.
        return False


def _check_types(running: Running, change: Change) -> None:
    patterns = change.get("event_types")
    if not isinstance(patterns, list) or not patterns or not all(isinstance(p, str) for p in patterns):
        message = 'eventTypes is a list of keys, for example ["deal.moved", "customer.*"], or ["*"] for all.'
        change.refuse("event_types", "REQUIRED", message)
        return
    known = running.crm.event_types
    for pattern in patterns:
        if not any(wants([pattern], key) for key in known):
            message = f"There is no event type {pattern[:80]!r}; write for example deal.moved, deal.* or *."
            change.refuse("event_types", "UNKNOWN_EVENT_TYPE", message)


async def _check_filter(running: Running, change: Change) -> None:
    filters = change.get("filter")
    if filters is None:
        return
    if not isinstance(filters, dict):
        change.refuse("filter", "MALFORMED", 'filter is an object by entity, {"deal": {"status": {"eq": "WON"}}}.')
        return
    # Heavy: graphql-core and the planner.
    from crmcore.webhooks.filters import Asked, coerced

    crm, row = running.crm, {**(change.before or {}), **change.values, "id": change.id, "deleted_at": None}
    actor = await actor_of(crm.database, crm.actors, Endpoint.of(row))
    for name, given in filters.items():
        if (entity := crm.entities.get(name)) is None:
            message = f"There is no entity {name[:80]!r} to filter; there are {', '.join(crm.entities)}."
            change.refuse("filter", "UNKNOWN_ENTITY", message)
            continue
        try:
            filter = coerced(crm, entity, given)
            Asked(crm.database, crm.entities, entity, actor, filter, crm.settings.time_zone).check()
        except Refusal as refusal:
            change.refuse("filter", "MALFORMED", f"filter.{name}: {refusal.message}")


async def _settle_cursor(work: Work, running: Running, change: Change) -> None:
    on = bool(change.get("enabled"))
    if change.kind == "update" and on == bool(change.was("enabled")):
        return
    if on:
        change.values |= {"failing_since": None, "disabled_reason": None}
        await cursors.set_to(work.database, change.id, await running.crm.feed.end())
    else:
        await cursors.forget(work.database, change.id)
