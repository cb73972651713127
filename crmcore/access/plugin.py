"""What access gives to the CRM, by the hooks every plugin uses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piccolo.table import Table

from crmcore.access import actions
from crmcore.access.actor import Actor
from crmcore.access.defaults import ensure_default_roles
from crmcore.access.entities import ENTITIES
from crmcore.access.manage import MANAGE
from crmcore.access.permissions import DIAGNOSE, INTROSPECT
from crmcore.access.proofs import AccessState, Credential, Session, SignInAttempt, Token
from crmcore.access.settings import AccessSettings
from crmcore.contributions import Permission
from crmcore.entities.action import Action
from crmcore.entities.entity import Entity
from crmcore.hookspecs import hookimpl

if TYPE_CHECKING:
    from crmcore.app import Crm


@hookimpl
def crm_settings() -> type[AccessSettings]:
    """How long a sign-in lasts."""
    return AccessSettings


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Looking after other people's accounts, seeing the API's schema, and seeing how the server does."""
    return (
        Permission(
            MANAGE,
            "Set passwords, issue and revoke tokens and end sign-ins of people who may do no more than oneself, "
            "and ask why they may do what they may.",
        ),
        Permission(
            DIAGNOSE,
            "Read the server's metrics, and see the SQL behind an operation, its parameters and the database's plan.",
        ),
        Permission(
            INTROSPECT,
            "Ask the API for its schema, as GraphiQL and code generators do, and be told of names like an unknown one.",
        ),
    )


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """People, teams and roles."""
    return ENTITIES


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """What proves who somebody is."""
    return (Credential, Token, Session, SignInAttempt, AccessState)


@hookimpl
def crm_migrations() -> Path:
    """The tables of access."""
    return Path(__file__).parent / "migrations"


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """Passwords, tokens and sign-ins."""
    return (actions.issue_token, actions.revoke_token, actions.set_password, actions.end_sessions)


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Give the default roles their rights on entities that are new."""
    await crm.run(Actor.system(), ensure_default_roles)


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """Write down the last uses of tokens and sessions."""
    await crm.actors.usage.settle()
