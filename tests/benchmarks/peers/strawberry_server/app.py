"""Strawberry with SQLAlchemy and DataLoaders, as the documentation of both advises; no sign-in and no rules.

DATABASE=postgresql+asyncpg://... uvicorn app:app
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import models
import strawberry
from loaders import Loaders
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

engine = create_async_engine(os.environ["DATABASE"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)

Info = strawberry.Info[dict[str, Any], None]


def loaders(info: Info) -> Loaders:
    return info.context["loaders"]


@strawberry.type
class Stage:
    id: UUID
    name: str

    @strawberry.field
    async def count(self, info: Info) -> int:
        return (await loaders(info).totals.load(self.id))[0]

    @strawberry.field
    async def total(self, info: Info) -> str:
        return str((await loaders(info).totals.load(self.id))[1])

    @strawberry.field
    async def deals(self, info: Info, first: int) -> list[Deal]:
        return [Deal.of(r) for r in await loaders(info).ranked.load((self.id, first, None))]

    @classmethod
    def of(cls, row: models.Stage) -> Stage:
        return cls(id=row.id, name=row.name)


@strawberry.type
class Deal:
    id: UUID
    name: str
    status: str
    amount: str | None
    amount_currency: str | None
    expected_close_date: date | None
    customer_id: strawberry.Private[UUID | None]
    stage_id: strawberry.Private[UUID]

    @strawberry.field
    async def stage(self, info: Info) -> Stage | None:
        return Stage.of(await loaders(info).stage.load(self.stage_id))

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        return Customer.of(await loaders(info).customer.load(self.customer_id)) if self.customer_id else None

    @classmethod
    def of(cls, row: models.Deal) -> Deal:
        return cls(
            id=row.id,
            name=row.name,
            status=row.status,
            amount=None if row.amount is None else str(row.amount),
            amount_currency=row.amount_currency,
            expected_close_date=row.expected_close_date,
            customer_id=row.customer_id,
            stage_id=row.stage_id,
        )


@strawberry.type
class Interaction:
    id: UUID
    kind: str
    channel: str | None
    direction: str
    subject: str | None
    body: str | None
    occurred_at: datetime | None
    customer_id: strawberry.Private[UUID | None]

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        return Customer.of(await loaders(info).customer.load(self.customer_id)) if self.customer_id else None

    @classmethod
    def of(cls, row: models.Interaction) -> Interaction:
        return cls(
            id=row.id,
            kind=row.kind,
            channel=row.channel,
            direction=row.direction,
            subject=row.subject,
            body=row.body,
            occurred_at=row.occurred_at,
            customer_id=row.customer_id,
        )


@strawberry.type
class Customer:
    id: UUID
    display_name: str
    kind: str
    country: str | None
    lifecycle_stage: str
    status: str
    domain: str | None
    industry: str | None
    created_at: datetime
    updated_at: datetime
    parent_id: strawberry.Private[UUID | None]

    @strawberry.field
    async def parent(self, info: Info) -> Customer | None:
        return Customer.of(await loaders(info).customer.load(self.parent_id)) if self.parent_id else None

    @strawberry.field
    async def interactions(self, info: Info, first: int) -> list[Interaction]:
        return [Interaction.of(r) for r in await loaders(info).interactions.load((self.id, first, None))]

    @strawberry.field
    async def deals(self, info: Info, first: int, status: str | None = None) -> list[Deal]:
        return [Deal.of(r) for r in await loaders(info).deals.load((self.id, first, status))]

    @classmethod
    def of(cls, row: models.Customer) -> Customer:
        return cls(
            id=row.id,
            display_name=row.display_name,
            kind=row.kind,
            country=row.country,
            lifecycle_stage=row.lifecycle_stage,
            status=row.status,
            domain=row.domain,
            industry=row.industry,
            created_at=row.created_at,
            updated_at=row.updated_at,
            parent_id=row.parent_id,
        )


@strawberry.type
class Page:
    nodes: list[Customer]
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Pipeline:
    id: UUID
    name: str

    @strawberry.field
    async def stages(self, info: Info) -> list[Stage]:
        return [Stage.of(r) for r in await loaders(info).stages.load(self.id)]


@strawberry.type
class Query:
    @strawberry.field
    async def customer(self, info: Info, id: UUID) -> Customer | None:
        row = await loaders(info).customer.load(id)
        return Customer.of(row) if row else None

    @strawberry.field
    async def customers(self, country: str, first: int) -> Page:
        statement = select(models.Customer).where(
            models.Customer.country == country, models.Customer.deleted_at.is_(None)
        )
        order = models.Customer.created_at.desc(), models.Customer.id.desc()
        async with sessions() as session:
            rows = list(await session.scalars(statement.order_by(*order).limit(first + 1)))
        shown = rows[:first]
        cursor = f"{shown[-1].created_at.isoformat()} {shown[-1].id}" if shown else None
        return Page(nodes=[Customer.of(r) for r in shown], has_next_page=len(rows) > first, end_cursor=cursor)

    @strawberry.field
    async def pipeline(self, id: UUID) -> Pipeline | None:
        async with sessions() as session:
            row = await session.get(models.Pipeline, id)
        return Pipeline(id=row.id, name=row.name) if row else None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_interaction(self, customer: UUID, at: datetime, subject: str, body: str) -> Interaction:
        now, by = datetime.now(UTC), {"type": "SYSTEM", "id": None, "label": "Benchmark"}
        row = models.Interaction(
            id=uuid4(),
            version=1,
            created_at=now,
            updated_at=now,
            created_by=by,
            updated_by=by,
            kind="CALL",
            channel="PHONE",
            direction="OUTBOUND",
            status="COMPLETED",
            body_format="PLAIN",
            visibility="ALL",
            is_pinned=False,
            is_internal=False,
            customer_id=customer,
            occurred_at=at,
            completed_at=at,
            subject=subject,
            body=body,
        )
        async with sessions() as session, session.begin():
            session.add(row)
        return Interaction.of(row)


class Server(GraphQL):
    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"request": request, "response": response, "loaders": Loaders(sessions)}


app = Server(strawberry.Schema(Query, Mutation, extensions=[ParserCache(maxsize=100), ValidationCache(maxsize=100)]))
