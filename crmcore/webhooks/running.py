"""The CRM that runs on a database, for the rules of endpoints, which see its transaction alone; and its sender."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from crmcore.database import Database
from crmcore.metrics import Family
from crmcore.webhooks.figures import Figures
from crmcore.webhooks.settings import WebhooksSettings

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.webhooks.sender import Sender

__all__ = ["Running", "begin", "end", "running_on"]

_running: WeakKeyDictionary[Database, Running] = WeakKeyDictionary()


class Running:
    """A CRM with what webhooks keep while it runs.

    Attributes:

        crm: the CRM.
        settings: its settings of webhooks.
        figures: what was counted of deliveries.
    """

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.figures = Figures()
        self.settings = crm.settings[WebhooksSettings]

    @cached_property
    def sender(self) -> Sender:
        """What sends messages; made when the first one is."""
        # Heavy: httpcore, and the certificates it reads.
        from crmcore.webhooks.sender import Sender

        return Sender(self.settings)

    def families(self) -> Iterator[Family]:
        """Give what was counted, for metrics."""
        return self.figures.families()

    async def stop(self) -> None:
        """Close the sender's connections."""
        if "sender" in self.__dict__:
            await self.sender.close()


def begin(crm: Crm) -> None:
    """Take note that a CRM runs."""
    _running[crm.database] = Running(crm)


async def end(crm: Crm) -> None:
    """Forget it, and close what it kept."""
    if (running := _running.pop(crm.database, None)) is not None:
        await running.stop()


def running_on(database: Database) -> Running:
    """Return what runs on a database.

    Raises:

        KeyError: nothing does.
    """
    return _running[database]
