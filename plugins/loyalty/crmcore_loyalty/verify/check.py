"""A check: one statement that finds what is wrong among the rows of a slice, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from crmcore_loyalty.verify.violation import Violation

__all__ = ["EXPLAINED", "FROZEN", "REPORTED", "Check", "Over"]

#: What is looked at slice by slice; a check of everything at once has "currency".
Over: TypeAlias = Literal["transaction", "account", "lot", "hold", "entry", "move", "currency"]

FROZEN = "Freeze the member (loyaltyFreeze), let `crm loyalty replay` say what it should be, and report it as a bug."
EXPLAINED = "loyaltyExplain shows the transaction; undo it by loyaltyReverse or balance it by loyaltyAdjust, and report it as a bug."
REPORTED = "The code never writes this: look for whoever wrote to the database by hand, and restore from a backup."


@dataclass(frozen=True)
class Check:
    """One statement, written from the rules of the ledger and not from its code.

    Attributes:

        invariant: what it watches over, I1 to I16.
        over: rows of which table a slice has; ids above `$1` up to and with `$2` belong to it.
        sql: gives a row for each violation: `what` is filled by its columns; `member_id`, `transaction_id` and
            `record_id` are taken over where they are.
        what: the sentence, as `str.format` has it.
        way_out: what to do.
    """

    invariant: str
    over: Over
    sql: str
    what: str
    way_out: str

    def told(self, row: Mapping[str, Any]) -> Violation:
        """Return what a row tells."""
        named = {
            name: str(row[name]) if row.get(name) is not None else None
            for name in ("member_id", "transaction_id", "record_id")
        }
        return Violation(self.invariant, self.what.format_map(dict(row)), self.way_out, **named)
