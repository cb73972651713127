"""What is wrong with a ledger, said so that somebody can mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Violation"]


@dataclass(frozen=True)
class Violation:
    """One thing that must not be.

    Attributes:

        invariant: which one is broken, I1 to I16.
        what: a sentence with the figures.
        way_out: what to do about it.
        member_id: whose points, None where they are nobody's alone.
        transaction_id: which transaction shows it, None where none does.
        record_id: the account, lot, hold or currency it is about.
    """

    invariant: str
    what: str
    way_out: str
    member_id: str | None = None
    transaction_id: str | None = None
    record_id: str | None = None

    @property
    def shown(self) -> str:
        """All of it in one line."""
        named = {"member": self.member_id, "transaction": self.transaction_id, "record": self.record_id}
        where = ", ".join(f"{name} {id}" for name, id in named.items() if id)
        return f"{self.invariant}  {self.what} ({where or 'everywhere'}). {self.way_out}"

    @property
    def plain(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return asdict(self)
