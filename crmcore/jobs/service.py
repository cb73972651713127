"""What a plugin keeps running beside requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """Runs in every process that does background work.

    Attributes:

        name: what logs call it.
        run: runs until it is cancelled; if it raises, that is logged and it is called again after a while.
        plugin: who gives it; the host fills it in.
    """

    name: str
    run: Callable[[Crm], Awaitable[None]]
    plugin: str = "core"
