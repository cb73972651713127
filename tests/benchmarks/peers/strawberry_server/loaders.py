"""DataLoaders: one statement for all records that a level of a query needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models import Customer, Deal, Interaction, Stage
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

__all__ = ["Loaders"]

#: A record's id, how many, and which status.
Wanted = tuple[UUID, int, str | None]


class Loaders:
    """The loaders of one request."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self.customer = DataLoader(load_fn=lambda ids: self._by_id(Customer, ids))
        self.stage = DataLoader(load_fn=lambda ids: self._by_id(Stage, ids))
        self.stages = DataLoader(load_fn=self._stages)
        self.interactions = DataLoader(load_fn=self._interactions)
        self.deals = DataLoader(load_fn=lambda keys: self._deals(Deal.customer_id, Deal.id.desc(), keys))
        self.ranked = DataLoader(load_fn=lambda keys: self._deals(Deal.stage_id, Deal.rank, keys))
        self.totals = DataLoader(load_fn=self._totals)

    async def _by_id(self, model: Any, ids: list[UUID]) -> list[Any]:
        async with self._sessions() as session:
            found = {r.id: r for r in await session.scalars(select(model).where(model.id.in_(ids)))}
        return [found.get(id) for id in ids]

    async def _stages(self, pipelines: list[UUID]) -> list[list[Stage]]:
        statement = select(Stage).where(
            Stage.pipeline_id.in_(pipelines), Stage.kind == "OPEN", Stage.deleted_at.is_(None)
        )
        grouped = defaultdict(list)
        async with self._sessions() as session:
            for stage in await session.scalars(statement.order_by(Stage.position)):
                grouped[stage.pipeline_id].append(stage)
        return [grouped[id] for id in pipelines]

    async def _interactions(self, keys: list[Wanted]) -> list[list[Any]]:
        live = [Interaction.deleted_at.is_(None)]
        return await self._ranked(Interaction, Interaction.customer_id, Interaction.occurred_at.desc(), keys, live)

    async def _deals(self, owner: Any, order: Any, keys: list[Wanted]) -> list[list[Any]]:
        conditions: list[ColumnElement[bool]] = [Deal.deleted_at.is_(None)]
        if keys[0][2] is not None:
            conditions.append(Deal.status == keys[0][2])
        return await self._ranked(Deal, owner, order, keys, conditions)

    async def _ranked(
        self, model: Any, owner: Any, order: Any, keys: list[Wanted], conditions: Sequence[ColumnElement[bool]]
    ) -> list[list[Any]]:
        place = func.row_number().over(partition_by=owner, order_by=order).label("place")
        inner = select(model, place).where(owner.in_([key[0] for key in keys]), *conditions).subquery()
        record = aliased(model, inner)
        statement = select(record).where(inner.c.place <= keys[0][1]).order_by(inner.c.place)
        grouped = defaultdict(list)
        async with self._sessions() as session:
            for row in await session.scalars(statement):
                grouped[getattr(row, owner.key)].append(row)
        return [grouped[key[0]] for key in keys]

    async def _totals(self, stages: list[UUID]) -> list[tuple[int, int]]:
        statement = (
            select(Deal.stage_id, func.count(), func.coalesce(func.sum(Deal.base_amount), 0))
            .where(Deal.stage_id.in_(stages), Deal.deleted_at.is_(None))
            .group_by(Deal.stage_id)
        )
        async with self._sessions() as session:
            found = {row[0]: (row[1], int(row[2])) for row in await session.execute(statement)}
        return [found.get(id, (0, 0)) for id in stages]
