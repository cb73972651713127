"""What the plugin keeps in memory for each CRM that runs, found by the CRM's database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from uuid import UUID

from crmcore import Crm, Database, sealing
from crmcore_compliance.settings import ComplianceSettings

if TYPE_CHECKING:
    from crmcore_compliance.keys.keyring import Keyring
    from crmcore_compliance.sealing.known import Knowing

__all__ = ["Compliance", "closed", "compliance_of", "opened", "running"]

T = TypeVar("T")


class Log(Protocol):
    """Notes who looked at what; see `AccessLog`."""

    @property
    def watched(self) -> frozenset[UUID]:
        """The subjects of whom any reading is noted."""

    async def accessed(
        self, reading: sealing.Reading, entity: str, reads: Mapping[str, Sequence[tuple[UUID | None, UUID]]]
    ) -> None:
        """Note what somebody is about to see: by column, whose data of which records."""


class Compliance:
    """The plugin in one running CRM.

    Args:

        crm: the CRM.

    Attributes:

        crm: see above.
        settings: the plugin's.
        keyring: the keys; there from the start of the CRM on, though nothing is opened before a key is wanted.
        knowing: what this process knows of the sealed columns.
        log: of who looked at what; None before it is there.
    """

    keyring: Keyring
    knowing: Knowing
    log: Log | None = None

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.settings: ComplianceSettings = crm.settings[ComplianceSettings]
        self._attached: dict[type, Any] = {}

    def attach(self, part: object) -> None:
        """Keep what a part of the plugin needs while the CRM runs; `compliance[ItsClass]` gives it back."""
        self._attached[type(part)] = part

    def __getitem__(self, kind: type[T]) -> T:
        """Return what was attached.

        Raises:

            KeyError: nothing of this class was.
        """
        part: T = self._attached[kind]
        return part

    def get(self, kind: type[T]) -> T | None:
        """Return what was attached, None if nothing of this class was."""
        return self._attached.get(kind)


_open: dict[Database, Compliance] = {}
#: As `compliance_of`, for those who ask so often that a call of Python counts; None if the CRM does not run.
running: Final[Callable[[Database], Compliance | None]] = _open.get


def opened(crm: Crm) -> Compliance:
    """Note that a CRM starts; its parts attach what they need."""
    compliance = _open[crm.database] = Compliance(crm)
    return compliance


def closed(crm: Crm) -> None:
    """Forget a CRM that stopped."""
    _open.pop(crm.database, None)


def compliance_of(where: Crm | Database) -> Compliance:
    """Return the plugin's memory for a running CRM.

    Args:

        where: the CRM, or its database.

    Raises:

        LookupError: the CRM does not run, or runs without the plugin.
    """
    database = where.database if isinstance(where, Crm) else where
    if (found := _open.get(database)) is None:
        msg = "Compliance is not open on this database: the CRM has not started, or runs without the plugin."
        raise LookupError(msg)
    return found
