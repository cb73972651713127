"""What the fault test gives to the CRM; the defect that a run is to plant is planted when this is imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmcore import Action, After, Entity, Event, Job, Updated, after, hookimpl
from tests.faults.plugin import defects
from tests.faults.plugin.actions import faults_transfer
from tests.faults.plugin.effects import follow, linger, note, post
from tests.faults.plugin.tables import FaultsAccount
from tests.faults.plugin.traces import trace_lost_leases

defects.plant()
trace_lost_leases()


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Accounts."""
    return [Entity(FaultsAccount, plural="faultsAccounts", label="name")]


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """Moving money."""
    return [faults_transfer]


@hookimpl
def crm_handlers() -> Iterable[After]:
    """Effects of every event."""
    return [after(Event, note), after(Updated, follow, ordered=True)]


@hookimpl
def crm_jobs() -> Iterable[Job[Any]]:
    """Effects of transfers."""
    return [post, linger]
