"""What the loyalty plugin gives to the CRM: the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore import Part, hookimpl
from crmcore_loyalty.community import COMMUNITY
from crmcore_loyalty.earning import EARNING
from crmcore_loyalty.finance import FINANCE
from crmcore_loyalty.ledger import LEDGER
from crmcore_loyalty.ledger.counter import close_counter, open_counter
from crmcore_loyalty.program import PROGRAM
from crmcore_loyalty.rewards import REWARDS
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tiers import TIERS
from crmcore_loyalty.verify import VERIFY

if TYPE_CHECKING:
    from crmcore import Crm, Seeding, Work, subjects


@hookimpl
def crm_parts() -> Iterable[Part]:
    """The ledger and what moves points in it: rules, tiers, rewards, households, finance; in the order in which handlers run."""
    return (PROGRAM, LEDGER, EARNING, TIERS, FINANCE, VERIFY, REWARDS, COMMUNITY)


@hookimpl
def crm_settings() -> type[LoyaltySettings]:
    """See `LoyaltySettings`."""
    return LoyaltySettings


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """From now on clients are served."""
    await open_counter(crm)


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """What they have asked for comes to its end."""
    await close_counter(crm)


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
