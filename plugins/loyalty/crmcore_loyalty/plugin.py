"""What the loyalty plugin gives to the CRM: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore import (
    Action,
    Added,
    After,
    Entity,
    Event,
    Extension,
    Inside,
    Job,
    Listing,
    Live,
    Permission,
    Registered,
    Schedule,
    hookimpl,
)
from crmcore_loyalty.community import COMMUNITY
from crmcore_loyalty.earning import EARNING
from crmcore_loyalty.finance import FINANCE
from crmcore_loyalty.ledger import LEDGER
from crmcore_loyalty.program import PROGRAM
from crmcore_loyalty.rewards import REWARDS
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tiers import TIERS
from crmcore_loyalty.verify import VERIFY

if TYPE_CHECKING:
    import click
    from piccolo.table import Table

    from crmcore import Seeding, Work, subjects

__all__ = ["PARTS"]

#: In the order in which their handlers run.
PARTS = (PROGRAM, LEDGER, EARNING, TIERS, FINANCE, VERIFY, REWARDS, COMMUNITY)


@hookimpl
def crm_settings() -> type[LoyaltySettings]:
    """See `LoyaltySettings`."""
    return LoyaltySettings


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """What the plugin writes into customers' histories."""
    return [one for part in PARTS for one in part.registered]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Each way of moving points is a right of its own."""
    return [one for part in PARTS for one in part.permissions]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Programs, members, their ledger, and what is given for points."""
    return [one for part in PARTS for one in part.entities]


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """What the plugin keeps for itself."""
    return [one for part in PARTS for one in part.tables]


@hookimpl
def crm_fields() -> Iterable[Added]:
    """Fields on members that the planner computes."""
    return [one for part in PARTS for one in part.fields]


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What one can do with points, rules, tiers and rewards."""
    return [one for part in PARTS for one in part.actions]


@hookimpl
def crm_graphql() -> Iterable[Extension | Listing | Live[Any, Any] | type]:
    """Reports, simulations and subscriptions."""
    return [one for part in PARTS for one in part.graphql]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """What happens to members."""
    return [one for part in PARTS for one in part.events]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Orders earn, refunds reverse, points move tiers."""
    return [one for part in PARTS for one in part.handlers]


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """What is due with time: activation, expiry, holds, tiers, care."""
    return [one for part in PARTS for one in part.jobs]


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    """`crm loyalty verify` and others."""
    return [one for part in PARTS for one in part.commands()]


@hookimpl
async def crm_subject_erase(work: Work, subject: subjects.Subject) -> Iterable[subjects.Erasure]:
    """Memberships of an erased person end, and their ledger leads to nobody."""
    # Only compliance needs it.
    from crmcore_loyalty.program.forgetting import forget

    return await forget(work, subject)


@hookimpl
async def crm_seed(seeding: Seeding) -> None:
    """A program with members for the demonstration."""
    # Only `crm seed` needs it.
    from crmcore_loyalty.demo import seed

    await seed(seeding)
