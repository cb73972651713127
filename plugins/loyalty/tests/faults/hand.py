"""What clients have in hand: members they all write to, and what each of them did, as far as it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

__all__ = ["Done", "Hand", "Shared"]


@dataclass(frozen=True)
class Done:
    """A transaction that was acknowledged."""

    id: str
    member: str
    currency: str
    points: int


@dataclass
class Shared:
    """What all clients write to, so that they meet.

    Attributes:

        program: id of the program.
        currencies: codes of its currencies.
        members: ids of members that earn and spend.
        spare: ids of members that take the place of those who leave.
        tokens: of those who ask, each an actor of its own: id and secret.
    """

    program: str = ""
    currencies: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    tokens: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Hand:
    """What one client has.

    Attributes:

        random: its source of chance.
        shared: what it has together with the others.
        actor: id of the token it asks with.
        pending: its accruals that wait to be activated or cancelled.
        earned: its accruals that were not undone yet.
        spent: its redemptions and captures that were not undone yet.
        holds: its reservations that did not end yet, as far as it knows.
    """

    random: Random
    shared: Shared
    actor: str
    pending: list[Done] = field(default_factory=list)
    earned: list[Done] = field(default_factory=list)
    spent: list[Done] = field(default_factory=list)
    holds: list[Done] = field(default_factory=list)

    def pick(self, among: list[str]) -> str:
        """Take one by chance and leave it there."""
        return self.random.choice(among)

    def take(self, among: list[Done]) -> Done:
        """Take one by chance out of the list."""
        return among.pop(self.random.randrange(len(among)))

    def leave(self) -> str | None:
        """Take a member that is to leave, and put another in its place; None if there is no other left."""
        members = self.shared.members
        if not self.shared.spare:
            return None
        gone = members.pop(self.random.randrange(len(members)))
        members.append(self.shared.spare.pop())
        return gone

    def id(self) -> str:
        """Make a transaction's id."""
        return f"loyalty_transaction_{UUID(int=self.random.getrandbits(128), version=4)}"
