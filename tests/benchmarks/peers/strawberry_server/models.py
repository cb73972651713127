"""The CRM's tables as SQLAlchemy reads them: the columns that the six operations need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = ["Customer", "Deal", "Interaction", "Pipeline", "Stage"]


class Base(DeclarativeBase):
    type_annotation_map = {datetime: TIMESTAMP(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Customer(Base):
    __tablename__ = "customer"

    display_name: Mapped[str]
    kind: Mapped[str]
    country: Mapped[str | None]
    lifecycle_stage: Mapped[str]
    status: Mapped[str]
    domain: Mapped[str | None]
    industry: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))


class Interaction(Base):
    __tablename__ = "interaction"

    version: Mapped[int]
    created_by: Mapped[dict[str, Any]]
    updated_by: Mapped[dict[str, Any]]
    kind: Mapped[str]
    channel: Mapped[str | None]
    direction: Mapped[str]
    status: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[str | None]
    body_format: Mapped[str]
    occurred_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    visibility: Mapped[str]
    is_pinned: Mapped[bool]
    is_internal: Mapped[bool]


class Deal(Base):
    __tablename__ = "deal"

    name: Mapped[str]
    status: Mapped[str]
    rank: Mapped[str]
    amount: Mapped[int | None]
    amount_currency: Mapped[str | None]
    base_amount: Mapped[int | None]
    expected_close_date: Mapped[date | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    stage_id: Mapped[UUID] = mapped_column(ForeignKey("stage.id"))


class Stage(Base):
    __tablename__ = "stage"

    name: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipeline.id"))


class Pipeline(Base):
    __tablename__ = "pipeline"

    name: Mapped[str]
