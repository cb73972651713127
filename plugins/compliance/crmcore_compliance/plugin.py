"""What the compliance plugin gives to the CRM: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore import (
    Access,
    Action,
    Added,
    After,
    Crm,
    Entity,
    Event,
    Extension,
    Inside,
    Job,
    Listing,
    Live,
    Narrowing,
    Permission,
    Registered,
    Schedule,
    Service,
    Settings,
    hookimpl,
)
from crmcore_compliance.audit import AUDIT
from crmcore_compliance.consent import CONSENT, for_purpose
from crmcore_compliance.keys import KEYS
from crmcore_compliance.register import REGISTER
from crmcore_compliance.rights import RIGHTS
from crmcore_compliance.sealing import SEALING, seals_of
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import closed, opened

if TYPE_CHECKING:
    import click
    from piccolo.table import Table

    from crmcore.entities.sealing import Seal

__all__ = ["PARTS"]

#: In the order in which their handlers run.
PARTS = (KEYS, SEALING, CONSENT, RIGHTS, AUDIT, REGISTER)


@hookimpl
def crm_settings() -> type[ComplianceSettings]:
    """See `ComplianceSettings`."""
    return ComplianceSettings


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """What the plugin adds to open sets."""
    return [one for part in PARTS for one in part.registered]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Who may look behind masks, decide on requests, or handle keys."""
    return [one for part in PARTS for one in part.permissions]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Purposes, consent, requests, holds, registers."""
    return [one for part in PARTS for one in part.entities]


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """What the plugin keeps for itself."""
    return [one for part in PARTS for one in part.tables]


@hookimpl
def crm_fields() -> Iterable[Added]:
    """Fields on customers that the planner computes."""
    return [one for part in PARTS for one in part.fields]


@hookimpl
def crm_narrowings(entities: Mapping[str, Entity]) -> Iterable[Narrowing]:
    """Restricted people, and purposes that are not lawful for everybody, keep rows back."""
    return [one for part in PARTS for one in part.narrowings(entities)]


@hookimpl
def crm_sealing(entities: Mapping[str, Entity], settings: Settings) -> Mapping[str, Seal]:
    """See the setting `sealed`."""
    return seals_of(entities, settings[ComplianceSettings])


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What one can do with consent, requests and keys."""
    return [one for part in PARTS for one in part.actions]


@hookimpl
def crm_graphql() -> Iterable[Extension | Listing | Live[Any, Any] | type]:
    """Reports and proofs."""
    return [one for part in PARTS for one in part.graphql]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """What happens to subjects."""
    return [one for part in PARTS for one in part.events]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """What follows from changes of others' records."""
    return [one for part in PARTS for one in part.handlers]


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """What is due with time: sequencing, deadlines, retention, keys."""
    return [one for part in PARTS for one in part.jobs]


@hookimpl
def crm_background() -> Iterable[Service]:
    """The sequencer of the audit log."""
    return [one for part in PARTS for one in part.services]


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    """`crm compliance verify` and others."""
    return [one for part in PARTS for one in part.commands()]


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """The keyring, and what parts keep in memory."""
    opened(crm)
    try:
        for part in PARTS:
            for start in part.startup:
                await start(crm)
    except BaseException:
        await crm_shutdown(crm)
        raise


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """In reverse order."""
    try:
        for part in reversed(PARTS):
            for stop in part.shutdown:
                await stop(crm)
    finally:
        closed(crm)


@hookimpl
async def crm_purpose(crm: Crm, code: str, access: Access) -> Access | None:
    """Only people for whom the purpose is lawful, and only what it names."""
    return await for_purpose(crm, code, access)
