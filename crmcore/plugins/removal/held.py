"""What others hold of a plugin in tables of their own: work, rights, fields, links, search, history, webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmcore.access.actor import ACTIONS
from crmcore.plugins.removal.rights import Offered, RightRows
from crmcore.plugins.removal.subscribed import Subscribed
from crmcore.plugins.removal.trace import Rows, Trace, among

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["held"]


def held(crm: Crm, plugin: str) -> list[Trace]:
    """Return what there may be, in the order in which it has to go."""
    entities = [name for name, entity in crm.entities.items() if entity.plugin == plugin]
    happenings = [key for key, kind in crm.event_types.items() if plugin == kind.plugin or kind.entity in entities]
    return [
        *_work(plugin),
        *_rights(crm, plugin, entities),
        Rows("custom fields of its records", "custom_field_definition", among("record_type", entities), entities),
        *_links(crm, plugin, entities),
        Rows("entries of search", "crm_search_entry", among("entity", entities), entities),
        Rows("notes about search", "crm_search_state", among("entity", entities), entities),
        *_history(plugin, entities, happenings),
        Subscribed(frozenset(happenings), frozenset(crm.event_types)),
    ]


def _work(plugin: str) -> Iterator[Trace]:
    own = [f"{plugin}.%"]
    yield Rows("jobs, waiting or ended", "crm_job", "name like $1", own)
    yield Rows("schedules", "crm_job_schedule", "name like $1", own)
    yield Rows("jobs that are held back", "crm_job_hold", "name like $1", own)
    yield Rows("paces of its lanes", "crm_job_pace", "lane like $1", own)
    yield Rows("lanes that became free", "crm_job_freed", "lane like $1", own)
    yield Rows("days of figures about its handlers and jobs", "crm_handler_day", "plugin = $1", [plugin])


def _rights(crm: Crm, plugin: str, entities: list[str]) -> Iterator[Trace]:
    names = [name for name, permission in crm.permissions.items() if permission.plugin == plugin]
    every = [*names, *(f"{entity}:{action}" for entity in entities for action in ACTIONS)]
    yield RightRows("permissions in roles", "crm_role_permission", among("permission", every), every)
    given = [
        (entity, field)
        for entity in crm.entities
        for field in crm.entities.fields(entity)
        if entity not in entities and crm.entities.giver(entity, field).plugin == plugin
    ]
    pairs = [f"(entity = ${n} and field = ${n + 1})" for n in range(1, 2 * len(given), 2)]
    rules = " or ".join([*pairs, among("entity", entities, 2 * len(given) + 1)])
    yield RightRows(
        "rules about its fields", "crm_field_rule", rules, [*(x for pair in given for x in pair), *entities]
    )
    yield Offered(frozenset([*entities, *names]))


def _links(crm: Crm, plugin: str, entities: list[str]) -> Iterator[Trace]:
    """Any-links of others to its records: no foreign key ends them. See `crmcore.entities.links.cut_loose`."""
    for other in crm.entities.values():
        for column, said in other.facts.items():
            if said.target == "*" and other.plugin != plugin:
                kind = f"{column.removesuffix('_id')}_type"
                cleared = (column, kind) if said.null else ()
                what = f"{other.plural} {'that refer to' if said.null else 'of'} its records"
                yield Rows(what, other.tablename, among(kind, entities), entities, cleared)


def _history(plugin: str, entities: list[str], happenings: list[str]) -> Iterator[Trace]:
    values = [*entities, *happenings]
    events = f"{among('entity', entities)} or {among('type', happenings, len(entities) + 1)}"
    heard = f"event_id in (select id from crm_event where {events}) and name not like ${len(values) + 1}"
    yield Rows("jobs of others that were to hear of its events", "crm_job", heard, [*values, f"{plugin}.%"])
    yield Rows("events in the change feed", "crm_event", events, values)
    yield Rows("deliveries of webhooks", "crm_webhook_delivery", among("event_type", happenings), happenings)
