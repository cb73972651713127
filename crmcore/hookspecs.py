"""Every extension point, in the order it is called.

A plugin is a module (or any object) whose functions carry `hookimpl` and have the names below. A function may leave out
parameters it does not use; it may not give them defaults. Hooks that declare things are called once, while `Crm` is made:
they return declarations and touch neither database nor network. The `async` ones are called while a CRM runs.
No hook decides by being the last loaded: every plugin is asked, in load order (a plugin after those its distribution requires).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    import click
    import msgspec
    from litestar.types import ControllerRouterHandler
    from piccolo.table import Table

    from crmcore.access.actor import Access
    from crmcore.access.narrowings import Narrowing
    from crmcore.app import Crm
    from crmcore.contributions import Extension, Listing, Permission
    from crmcore.entities.action import Action
    from crmcore.entities.entity import Entity
    from crmcore.entities.registries import Registered
    from crmcore.entities.registry import Added
    from crmcore.entities.sealing import Seal
    from crmcore.entities.work import Work
    from crmcore.events import After, Event, Inside
    from crmcore.events.live import Live
    from crmcore.interchange.seed import Seeding
    from crmcore.jobs.job import Job
    from crmcore.jobs.schedule import Schedule
    from crmcore.jobs.service import Service
    from crmcore.plugins.part import Part
    from crmcore.settings import Settings
    from crmcore.subjects import Erasure, Exported, Subject

__all__ = ["PROJECT", "hookimpl"]

#: pluggy's name for this family of hooks.
PROJECT = "crmcore"

hookspec = HookspecMarker(PROJECT)
#: Marks a function of a plugin as an implementation of the hook it is named after.
hookimpl = HookimplMarker(PROJECT)


# ---------------------------------------------------------------------------------------------------------------------
# Declarations: called once each, while `Crm` is made
# ---------------------------------------------------------------------------------------------------------------------


@hookspec
def crm_parts() -> Iterable[Part]:
    """Hand over what the rooms of a plugin declare, where it has several: each in one piece.

    When: first, while plugins are loaded. Every plugin is asked; all answers count.

    Returns:

        `Part(entities=[...], actions=[...])`, one for each room. What a part declares counts as if the hook of its name had
        returned it, after what the plugin's own function returns.
    """
    raise NotImplementedError


@hookspec
def crm_settings() -> type[msgspec.Struct]:
    """Declare the plugin's settings.

    When: after parts, before anything else is asked. Every plugin is asked; one struct a plugin.

    Returns:

        a frozen `msgspec.Struct` class with `forbid_unknown_fields=True`, a default for each field (the plugin works
        without settings) and a docstring with an `Attributes:` section. Values come from `[plugins.NAME]` of `crm.toml`
        and from `CRM_NAME_<FIELD>`; read them with `crm.settings[TheClass]`.
    """
    raise NotImplementedError


@hookspec
def crm_registered() -> Iterable[Registered]:
    """Add members to open sets: interaction kinds and channels, lifecycle stages, whatever a column names with `registry=`.

    When: after settings. Every plugin is asked; all answers count. A key may be registered once in a set.

    Returns:

        `Registered("interaction_channels", "wechat", "WeChat", "Messages by WeChat.")`, one for each member.
    """
    raise NotImplementedError


@hookspec
def crm_permissions() -> Iterable[Permission]:
    """Declare permissions that are not about an entity's rows (`customer:read` and the like follow from entities).

    When: after open sets. Every plugin is asked; all answers count.

    Returns:

        `Permission("loyalty.award", "Award points by hand.")`; names start with the plugin's name and a dot.
    """
    raise NotImplementedError


@hookspec
def crm_entities() -> Iterable[Entity]:
    """Declare entities; each gets table, API, row rules, events, import and export.

    When: after permissions. Every plugin is asked; all answers count.

    Returns:

        `Entity(Account, plural="loyaltyAccounts")`; table names start with the plugin's name and `_`, type names with it.
    """
    raise NotImplementedError


@hookspec
def crm_tables() -> Iterable[type[Table]]:
    """Declare tables that are no entities: what the plugin keeps for itself and nobody reads through the API.

    When: after entities. Every plugin is asked; all answers count.

    Returns:

        Piccolo tables made with `crmcore.columns`, named as entities' tables are.
    """
    raise NotImplementedError


@hookspec
def crm_fields() -> Iterable[Added]:
    """Add fields that the planner can put into its one statement to entities of others.

    When: after tables. Every plugin is asked; all answers count. Links with `inverse=` need no mention here.

    Returns:

        `Added("customer", Expression("loyaltyPoints", "Points to spend.", INT, sql))`; names start with the plugin's name.
    """
    raise NotImplementedError


@hookspec
def crm_sealing(entities: Mapping[str, Entity], settings: Settings) -> Mapping[str, Seal]:
    """Have columns stored sealed, whosever they are.

    When: after fields, once all entities are put together. Every plugin is asked; one at most may seal.

    Args:

        entities: all entities by name.
        settings: the core's, with the plugins' own (`settings[TheClass]`).

    Returns:

        what seals and opens, by the name of the entity; entities of which nothing is sealed are left out.
    """
    raise NotImplementedError


@hookspec
def crm_narrowings(entities: Mapping[str, Entity]) -> Iterable[Narrowing]:
    """Take rows of entities, whosever they are, from everybody who acts, administrators too.

    When: after fields, once all entities are put together. Every plugin is asked; all answers count.

    Args:

        entities: all entities by name.

    Returns:

        `Narrowing("customer", sql)`: `sql(alias, bind, access)` gives the condition under which a row stays, or None; it
        is put wherever a row rule stands. The CRM itself (`Actor.system`) still reaches every row.
    """
    raise NotImplementedError


@hookspec
def crm_migrations() -> Path:
    """Say where the plugin's migrations are.

    When: after fields. Every plugin is asked; one folder a plugin.

    Returns:

        the folder with the modules `NAME_0001_title.py`, which together make the tables of `crm_entities` and `crm_tables`.
    """
    raise NotImplementedError


@hookspec
def crm_actions() -> Iterable[Action[..., Any]]:
    """Declare named actions; each becomes a mutation, and anybody may call it as a function.

    When: after migrations. Every plugin is asked; all answers count.

    Returns:

        functions made with `@action`; their names start with the plugin's name (`loyalty_award`).
    """
    raise NotImplementedError


@hookspec
def crm_graphql() -> Iterable[Extension | Listing | Live[Any, Any] | type]:
    """Add fields to types of the schema, and types of the plugin's own.

    When: after actions, before the schema is built. Every plugin is asked; all answers count.

    Returns:

        `extend("Customer", loyalty)` for a Strawberry field (with description and return annotation), `Listing(...)` for a
        list of an entity's records that the planner answers, a function made with `@live(EventClass)` for a subscription,
        or a Strawberry type that nothing else refers to (one that implements an interface). Names start with the plugin's
        name.
    """
    raise NotImplementedError


@hookspec
def crm_events() -> Iterable[type[Event]]:
    """Declare what can happen beyond the five verbs that every entity has (created, updated, deleted, restored, destroyed).

    When: after GraphQL. Every plugin is asked; all answers count.

    Returns:

        classes of events, each said to be about one entity: `class TaskCompleted(Event, of="task")`, frozen dataclasses with
        keyword-only fields. Its key in the change feed is the entity's name and the rest of the class's: `task.completed`.
        About another plugin's entity the class's name starts with the plugin's. Fields `before` and `after` hold rows.
    """
    raise NotImplementedError


@hookspec
def crm_handlers() -> Iterable[Inside | After]:
    """Declare what happens when something happened.

    When: after GraphQL. Every plugin is asked; all answers count; handlers of one event run in load order.

    Returns:

        `inside(CustomerCreated, open_account)` runs in the transaction (an exception undoes the change);
        `after(CustomerCreated, greet)` runs after the commit, at least once, by a job that the commit writes (an exception
        means another attempt later). Removing one leaves the jobs that wait for it waiting.
    """
    raise NotImplementedError


@hookspec
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Declare work that can be put off, and work that is due again and again.

    When: after handlers. Every plugin is asked; all answers count.

    Returns:

        functions made with `@job`; a job is called `plugin.function`, and those that wait are found again by that name.
        `Schedule(remind(), cron="0 9 * * MON-FRI")` has one put whenever it is due, once for all processes together.
    """
    raise NotImplementedError


@hookspec
def crm_background() -> Iterable[Service]:
    """Declare what runs beside requests, in every process that does background work.

    When: after jobs. Every plugin is asked; all answers count. Work that can be put as a job should be one.

    Returns:

        `Service("dispatcher", dispatch)`: `dispatch(crm)` runs until it is cancelled.
    """
    raise NotImplementedError


@hookspec
def crm_routes() -> Iterable[ControllerRouterHandler]:
    """Declare HTTP handlers.

    When: when the HTTP application is made. Every plugin is asked; all answers count.

    Returns:

        Litestar handlers, controllers or routers; they are mounted below `/plugins/NAME`.
    """
    raise NotImplementedError


@hookspec
def crm_commands() -> Iterable[click.Command]:
    """Declare commands for the command line.

    When: when the command line looks the plugin's name up. Every plugin is asked; all answers count.

    Returns:

        commands named as they are called after the plugin's name: `today` is called as `crm tasks today`.
    """
    raise NotImplementedError


# ---------------------------------------------------------------------------------------------------------------------
# Life: called while a CRM runs
# ---------------------------------------------------------------------------------------------------------------------


@hookspec
async def crm_startup(crm: Crm) -> None:
    """Open what the plugin needs while it runs.

    When: after the database is open and its migrations were checked, before the first request. Every plugin is asked, in
    load order; an exception stops the start.

    Args:

        crm: the CRM that starts.
    """


@hookspec
async def crm_purpose(crm: Crm, code: str, access: Access) -> Access | None:
    """Say what somebody may do who says what they read for: by the header `CRM-Purpose`, or `for_purpose`.

    When: before the operation. Every plugin is asked, in load order, until one answers; if none does, the operation is
    refused.

    Args:

        crm: the CRM.
        code: what they said.
        access: what they may do otherwise.

    Returns:

        the access with its `purpose`, or None for a purpose that the plugin does not know.

    Raises:

        Refusal: the purpose is known, and they may not act for it.
    """


@hookspec
async def crm_subject_export(crm: Crm, subject: Subject) -> Iterable[Exported]:
    """Give what is held of a person beyond the records of entities that are about them, which are found without this.

    When: when a package is made for somebody who asks what is held of them. Every plugin is asked; all answers count.

    Args:

        crm: the CRM.
        subject: whose data.

    Returns:

        `Exported("balance", "What your points are worth.", [{"points": 120}])`, one for each section.
    """
    raise NotImplementedError


@hookspec
async def crm_subject_erase(work: Work, subject: Subject) -> Iterable[Erasure]:
    """Erase what is held of a person where emptying the personal columns of the plugin's records is not the right thing.

    When: in the transaction that erases them, before the records of all other entities are emptied or removed. Every plugin is asked;
    all answers count. It may be undone and asked again: a dry run is this with the transaction rolled back.

    Args:

        work: the unit of work; `crmcore.subjects.blank` and `remove` leave nothing in search and change feed.
        subject: whose data.

    Returns:

        `Erasure("order", Fate.ANONYMISED, 3, "Invoices are kept for ten years.")`, one for each entity that was dealt with;
        the records of entities that are named so are not touched any more.
    """
    raise NotImplementedError


@hookspec
async def crm_seed(seeding: Seeding) -> None:
    """Make demonstration data.

    When: on `crm seed` and `crm serve --demo`. Every plugin is asked, in load order, so that records of the plugins it
    requires are there.

    Args:

        seeding: the scenario, its size, its source of randomness, and what was made so far.
    """


@hookspec
async def crm_shutdown(crm: Crm) -> None:
    """Close what `crm_startup` opened.

    When: after the last request, before the database closes. Every plugin is asked, in reverse load order, whatever
    another plugin's raised.

    Args:

        crm: the CRM that stops.
    """
