"""What points are spent on: catalogue, vouchers, members' events; and the signals by which others care for members."""

from __future__ import annotations

from crmcore import Part, inside
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.program.events import LoyaltyMemberClosed
from crmcore_loyalty.rewards import (
    calling_up,
    following,
    lapsing,
    reward_actions,
    signals,
    ticket_actions,
    voucher_actions,
)
from crmcore_loyalty.rewards.entities import ENTITIES, FIELDS
from crmcore_loyalty.rewards.events import LoyaltyEventUpdated, LoyaltyMemberInactive, LoyaltyPointsExpiring
from crmcore_loyalty.rewards.listing import OFFERED
from crmcore_loyalty.rewards.permissions import PERMISSIONS
from crmcore_loyalty.tables.signals import LoyaltySignal
from crmcore_loyalty.tables.stock import LoyaltyStock
from crmcore_loyalty.tables.vouchers import LoyaltyVoucherAttempt, LoyaltyVoucherCode

__all__ = ["REWARDS"]

REWARDS = Part(
    permissions=PERMISSIONS,
    entities=ENTITIES,
    tables=(LoyaltyStock, LoyaltySignal, LoyaltyVoucherAttempt, LoyaltyVoucherCode),
    fields=FIELDS,
    actions=(*reward_actions.ACTIONS, *voucher_actions.ACTIONS, *ticket_actions.ACTIONS),
    graphql=(OFFERED, signals.loyalty_points_expiring),
    events=(LoyaltyPointsExpiring, LoyaltyMemberInactive),
    handlers=(
        inside(LoyaltyEventUpdated, calling_up.fill_places),
        inside(LoyaltyPointsChanged, following.go_along),
        inside(LoyaltyMemberClosed, following.free_places),
    ),
    jobs=(
        signals.tell_of_expiry,
        signals.tell_of_inactivity,
        *signals.SCHEDULES,
        lapsing.lapse_rewards,
        lapsing.SCHEDULE,
    ),
)
