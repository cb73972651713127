"""What the compliance plugin gives to the CRM: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore import Access, Crm, Entity, Narrowing, Part, Settings, hookimpl
from crmcore_compliance.audit import AUDIT
from crmcore_compliance.consent import CONSENT, consented, for_purpose
from crmcore_compliance.keys import KEYS
from crmcore_compliance.register import REGISTER
from crmcore_compliance.rights import RIGHTS, restricted
from crmcore_compliance.sealing import SEALING, seals_of
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import closed, opened

if TYPE_CHECKING:
    from crmcore.entities.sealing import Seal


@hookimpl
def crm_parts() -> Iterable[Part]:
    """Keys, what is sealed under them, consent, rights, audit and registers; in the order in which they start."""
    return (KEYS, SEALING, CONSENT, RIGHTS, AUDIT, REGISTER)


@hookimpl
def crm_settings() -> type[ComplianceSettings]:
    """See `ComplianceSettings`."""
    return ComplianceSettings


@hookimpl
def crm_narrowings(entities: Mapping[str, Entity]) -> Iterable[Narrowing]:
    """Restricted people, and purposes that are not lawful for everybody, keep rows back."""
    return [*consented(entities), *restricted(entities)]


@hookimpl
def crm_sealing(entities: Mapping[str, Entity], settings: Settings) -> Mapping[str, Seal]:
    """See the setting `sealed`."""
    return seals_of(entities, settings[ComplianceSettings])


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Where parts find what the others keep in memory."""
    opened(crm)


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """After all parts."""
    closed(crm)


@hookimpl
async def crm_purpose(crm: Crm, code: str, access: Access) -> Access | None:
    """Only people for whom the purpose is lawful, and only what it names."""
    return await for_purpose(crm, code, access)
