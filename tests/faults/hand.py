"""What a client has in hand: the records it made, alone or with others, as far as it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

__all__ = ["Hand", "Shared"]

T = TypeVar("T")


@dataclass
class Shared:
    """What all clients write to, so that they meet.

    Attributes:

        customers: ids of customers.
        accounts: ids of accounts.
        stages: ids of the open stages of a pipeline.
    """

    customers: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)


@dataclass
class Hand:
    """What one client has.

    Attributes:

        random: its source of chance.
        shared: what it has together with the others.
        customers: its live customers.
        deleted: its customers that are deleted.
        destroyed: its customers that are gone.
        deals: its deals.
        steps: at which of the stages each deal stands.
        tags: names of its live tags, with their ids.
        refused: keys of intents that were refused because a tag has their name already, by that name.
        freed: those among them whose tag is gone since.
    """

    random: Random
    shared: Shared
    customers: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    destroyed: set[str] = field(default_factory=set)
    deals: list[str] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    freed: list[str] = field(default_factory=list)

    def pick(self, among: list[T]) -> T:
        """Take one by chance and leave it there."""
        return self.random.choice(among)

    def take(self, among: list[T]) -> T:
        """Take one by chance out of the list."""
        return among.pop(self.random.randrange(len(among)))
