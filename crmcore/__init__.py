"""crmcore: a CRM framework. Every name a plugin may import is here; each is loaded when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crmcore._version import __version__

if TYPE_CHECKING:
    from crmcore import clock, errors, subjects
    from crmcore.access.actor import Access, Actor, ActorType, Effect, Scope
    from crmcore.access.narrowings import Narrowing
    from crmcore.access.purposes import for_purpose
    from crmcore.access.rules import ActorValue
    from crmcore.app import Crm
    from crmcore.contributions import Extension, Listing, Permission, extend
    from crmcore.database import Database, UniqueViolation, ids, instants, migrations
    from crmcore.database.address import Address
    from crmcore.database.money import Money
    from crmcore.database.schema import Index, Totals
    from crmcore.entities import actions, columns, fields, kinds, sealing
    from crmcore.entities.action import Action, RecordRef, Ref, action
    from crmcore.entities.change import Change
    from crmcore.entities.columns import Write
    from crmcore.entities.entity import Entity, Key, camel
    from crmcore.entities.idempotency import Once
    from crmcore.entities.kinds import BigInt
    from crmcore.entities.personal import PersonalData
    from crmcore.entities.record import Customizable, Owned, Record
    from crmcore.entities.registries import Registered
    from crmcore.entities.registry import Added
    from crmcore.entities.sealable import unsealable
    from crmcore.entities.store import Row
    from crmcore.entities.timeline import Timeline
    from crmcore.entities.work import Work
    from crmcore.events import After, Created, Deleted, Destroyed, Event, Inside, Restored, Updated, after, inside
    from crmcore.events.live import Live, live
    from crmcore.hookspecs import hookimpl
    from crmcore.interchange.seed import Seeding
    from crmcore.jobs.job import Call, Job, job
    from crmcore.jobs.outcome import Dead, Lost, Retry
    from crmcore.jobs.run import Run
    from crmcore.jobs.schedule import Schedule
    from crmcore.jobs.service import Service
    from crmcore.plugins.part import Part
    from crmcore.settings import Settings, load_settings

_HOMES = {
    "crmcore.access.actor": ("Access", "Actor", "ActorType", "Effect", "Scope"),
    "crmcore.access.narrowings": ("Narrowing",),
    "crmcore.access.purposes": ("for_purpose",),
    "crmcore.access.rules": ("ActorValue",),
    "crmcore.app": ("Crm",),
    "crmcore.contributions": ("Extension", "Listing", "Permission", "extend"),
    "crmcore.database": ("Database", "UniqueViolation"),
    "crmcore.database.address": ("Address",),
    "crmcore.database.money": ("Money",),
    "crmcore.database.schema": ("Index", "Totals"),
    "crmcore.entities.action": ("Action", "RecordRef", "Ref", "action"),
    "crmcore.entities.change": ("Change",),
    "crmcore.entities.columns": ("Write",),
    "crmcore.entities.entity": ("Entity", "Key", "camel"),
    "crmcore.entities.idempotency": ("Once",),
    "crmcore.entities.kinds": ("BigInt",),
    "crmcore.entities.personal": ("PersonalData",),
    "crmcore.entities.record": ("Customizable", "Owned", "Record"),
    "crmcore.entities.registries": ("Registered",),
    "crmcore.entities.registry": ("Added",),
    "crmcore.entities.sealable": ("unsealable",),
    "crmcore.entities.store": ("Row",),
    "crmcore.entities.timeline": ("Timeline",),
    "crmcore.entities.work": ("Work",),
    "crmcore.events": (
        "After",
        "Created",
        "Deleted",
        "Destroyed",
        "Event",
        "Inside",
        "Restored",
        "Updated",
        "after",
        "inside",
    ),
    "crmcore.events.live": ("Live", "live"),
    "crmcore.hookspecs": ("hookimpl",),
    "crmcore.interchange.seed": ("Seeding",),
    "crmcore.jobs.job": ("Call", "Job", "job"),
    "crmcore.jobs.outcome": ("Dead", "Lost", "Retry"),
    "crmcore.jobs.run": ("Run",),
    "crmcore.jobs.schedule": ("Schedule",),
    "crmcore.jobs.service": ("Service",),
    "crmcore.plugins.part": ("Part",),
    "crmcore.settings": ("Settings", "load_settings"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = {
    "actions": "crmcore.entities.actions",
    "clock": "crmcore.clock",
    "columns": "crmcore.entities.columns",
    "errors": "crmcore.errors",
    "fields": "crmcore.entities.fields",
    "ids": "crmcore.database.ids",
    "instants": "crmcore.database.instants",
    "kinds": "crmcore.entities.kinds",
    "migrations": "crmcore.database.migrations",
    "sealing": "crmcore.entities.sealing",
    "subjects": "crmcore.subjects",
}

__all__ = [
    "Access",
    "Action",
    "Actor",
    "ActorType",
    "ActorValue",
    "Added",
    "Address",
    "After",
    "BigInt",
    "Call",
    "Change",
    "Created",
    "Crm",
    "Customizable",
    "Database",
    "Dead",
    "Deleted",
    "Destroyed",
    "Effect",
    "Entity",
    "Event",
    "Extension",
    "Index",
    "Inside",
    "Job",
    "Key",
    "Listing",
    "Live",
    "Lost",
    "Money",
    "Narrowing",
    "Once",
    "Owned",
    "Part",
    "Permission",
    "PersonalData",
    "Record",
    "RecordRef",
    "Ref",
    "Registered",
    "Restored",
    "Retry",
    "Row",
    "Run",
    "Schedule",
    "Scope",
    "Seeding",
    "Service",
    "Settings",
    "Timeline",
    "Totals",
    "UniqueViolation",
    "Updated",
    "Work",
    "Write",
    "__version__",
    "action",
    "actions",
    "after",
    "camel",
    "clock",
    "columns",
    "errors",
    "extend",
    "fields",
    "for_purpose",
    "hookimpl",
    "ids",
    "inside",
    "instants",
    "job",
    "kinds",
    "live",
    "load_settings",
    "migrations",
    "sealing",
    "subjects",
    "unsealable",
]


if not TYPE_CHECKING:
    # Type checkers read the imports above, and so find a name that is not there.

    def __getattr__(name: str) -> Any:
        # Piccolo, Strawberry and Litestar take a second to import: `crm --help` and pytest's start should not wait for them.
        if name in _MODULES:
            return import_module(_MODULES[name])
        if name in _HOME_OF:
            return getattr(import_module(_HOME_OF[name]), name)
        # Only who asks for what is not there waits for this.
        from crmcore.deprecations import NAMES, moved_name

        if name in NAMES:
            return moved_name(NAMES[name])
        msg = f"module 'crmcore' has no attribute {name!r}"
        raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
