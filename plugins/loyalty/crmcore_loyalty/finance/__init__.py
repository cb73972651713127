"""What points are worth to us: statements, liability, journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part, extend
from crmcore_loyalty.finance import asking, estimating, monthly
from crmcore_loyalty.finance.entities import ENTITIES
from crmcore_loyalty.finance.permissions import PERMISSIONS
from crmcore_loyalty.tables.finance import LoyaltyCheckpoint

if TYPE_CHECKING:
    import click

__all__ = ["FINANCE"]


def _commands() -> Iterable[click.Command]:
    # Only the command line needs them.
    from crmcore_loyalty.finance.commands import journal, statements

    return [journal, statements]


FINANCE = Part(
    permissions=PERMISSIONS,
    entities=ENTITIES,
    tables=(LoyaltyCheckpoint,),
    actions=(monthly.loyalty_draw_statement, estimating.loyalty_set_breakage, estimating.loyalty_observe_breakage),
    graphql=(
        extend("Query", asking.loyalty_liability, since="0.1.0"),
        extend("Query", asking.loyalty_journal, since="0.1.0"),
    ),
    jobs=(monthly.close_month, monthly.CLOSING),
    commands=_commands,
)
