"""The ledger of points: double entry, lots, holds; every posting goes through here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import actions, corrections
from crmcore_loyalty.ledger.accruing import accrue
from crmcore_loyalty.ledger.adjusting import adjust
from crmcore_loyalty.ledger.asked import POLICY, Accrual, Redemption, Reservation, Source
from crmcore_loyalty.ledger.batching import accrue_many
from crmcore_loyalty.ledger.closing import forfeit, merge
from crmcore_loyalty.ledger.desk import Desk
from crmcore_loyalty.ledger.entities import ENTITIES
from crmcore_loyalty.ledger.ground import open_accounts
from crmcore_loyalty.ledger.holding import capture, reserve, void
from crmcore_loyalty.ledger.jobs import JOBS
from crmcore_loyalty.ledger.live import loyalty_balance_changed
from crmcore_loyalty.ledger.pending import activate, cancel_pending
from crmcore_loyalty.ledger.permissions import PERMISSIONS
from crmcore_loyalty.ledger.redeeming import redeem
from crmcore_loyalty.ledger.reversing import reverse
from crmcore_loyalty.ledger.sweeps import activate_due, expire_due, release_due
from crmcore_loyalty.ledger.transferring import transfer
from crmcore_loyalty.tables.ledger import LoyaltyLotMove

if TYPE_CHECKING:
    import click

__all__ = [
    "LEDGER",
    "POLICY",
    "Accrual",
    "Desk",
    "Redemption",
    "Reservation",
    "Source",
    "accrue",
    "accrue_many",
    "activate",
    "activate_due",
    "adjust",
    "cancel_pending",
    "capture",
    "expire_due",
    "forfeit",
    "merge",
    "open_accounts",
    "redeem",
    "release_due",
    "reserve",
    "reverse",
    "transfer",
    "void",
]


def _commands() -> Iterable[click.Command]:
    from crmcore_loyalty.ledger.commands import expire  # Only the command line needs it.

    return (expire,)


LEDGER = Part(
    permissions=PERMISSIONS,
    entities=ENTITIES,
    tables=(LoyaltyLotMove,),
    actions=(
        actions.loyalty_accrue,
        actions.loyalty_redeem,
        actions.loyalty_reserve,
        actions.loyalty_capture,
        actions.loyalty_void,
        corrections.loyalty_reverse,
        corrections.loyalty_adjust,
        corrections.loyalty_transfer,
        corrections.loyalty_activate,
        corrections.loyalty_cancel_pending,
        corrections.loyalty_merge_members,
    ),
    graphql=(loyalty_balance_changed,),
    events=(LoyaltyPointsChanged,),
    jobs=JOBS,
    commands=_commands,
)
