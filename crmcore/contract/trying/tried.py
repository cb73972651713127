"""A CRM with a plugin that may not get at the network: it is only tried, and nobody has asked for letters to be sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Literal

from crmcore.contract.subject import Subject
from crmcore.testing import TestCrm
from crmcore.testing.watching import watching

__all__ = ["tried"]


@asynccontextmanager
async def tried(
    subject: Subject, dialect: str, which: Literal["bare", "crm", "everything"] = "crm", **settings: Any
) -> AsyncIterator[TestCrm]:
    """Run a CRM as `Subject.running` does, and let nothing of the plugin's through to the network."""
    running = subject.running(dialect, which, **settings)
    with watching(subject.package, refuse=True) if subject.package else nullcontext():
        async with running as crm:
            yield crm
