"""What a plain resolver has at hand: `info.context`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader

from crmcore.access.actor import Actor

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.graphql.plain.loading import Reader

__all__ = ["Context"]

K = TypeVar("K")
V = TypeVar("V")


class Context:
    """One request, for resolvers.

    Attributes:

        crm: the CRM; read with `crm.database` only what is the plugin's own, since no rules are bound there.
        actor: who asks.
        request_id: the request's id, if it has one.
        reader: reads the records that resolvers refer to; not for resolvers themselves.
    """

    def __init__(self, crm: Crm, actor: Actor, request_id: str | None, reader: Reader) -> None:
        self.crm = crm
        self.actor = actor
        self.request_id = request_id
        self.reader = reader
        self._loaders: dict[Any, DataLoader[Any, Any]] = {}

    async def load(self, many: Callable[[list[K]], Awaitable[Sequence[V]]], key: K) -> V:
        """Load one value; calls of the same moment reach `many` as one list of keys, so that N+1 cannot be written.

        Args:

            many: a function that lives as long as the request or longer; gives as many values as it gets keys.
            key: hashable.
        """
        if many not in self._loaders:
            self._loaders[many] = DataLoader(many)
        value: V = await self._loaders[many].load(key)
        return value
