"""Programs, their currencies, and who takes part."""

from __future__ import annotations

from crmcore import Entity, Key, Part, Permission, inside
from crmcore.customers.events import CustomerCreated, CustomerDestroyed
from crmcore_loyalty.program.enrolling import ENROL, loyalty_enrol
from crmcore_loyalty.program.events import LoyaltyMemberClosed, LoyaltyMemberFrozen, LoyaltyMemberUnfrozen
from crmcore_loyalty.program.joining import join, join_everybody
from crmcore_loyalty.program.leaving import FREEZE, close_forgotten, loyalty_close, loyalty_freeze, loyalty_unfreeze
from crmcore_loyalty.program.preparing import prepare_currency, prepare_member, prepare_program
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember, LoyaltyProgram

__all__ = ["PROGRAM"]

_SINCE = "0.1.0"

PROGRAM = Part(
    entities=(
        Entity(
            LoyaltyProgram,
            plural="loyaltyPrograms",
            prepare=prepare_program,
            keys=(Key("CODE", ("code",)),),
            label="name",
            since=_SINCE,
        ),
        Entity(
            LoyaltyCurrency,
            plural="loyaltyCurrencies",
            prepare=prepare_currency,
            keys=(Key("PROGRAM_CODE", ("program_id", "code")),),
            label="name",
            since=_SINCE,
        ),
        Entity(
            LoyaltyMember,
            plural="loyaltyMembers",
            prepare=prepare_member,
            guarded_by="customer_id",
            keys=(Key("PROGRAM_NUMBER", ("program_id", "number")),),
            actions=frozenset({"update"}),
            label="number",
            attachable=True,
            since=_SINCE,
        ),
    ),
    permissions=(
        Permission(ENROL, "Make customers members of loyalty programs, and end memberships."),
        Permission(FREEZE, "Freeze members and let them go on."),
    ),
    actions=(loyalty_enrol, loyalty_freeze, loyalty_unfreeze, loyalty_close),
    events=(LoyaltyMemberFrozen, LoyaltyMemberUnfrozen, LoyaltyMemberClosed),
    handlers=(inside(CustomerCreated, join_everybody), inside(CustomerDestroyed, close_forgotten)),
    jobs=(join,),
)
