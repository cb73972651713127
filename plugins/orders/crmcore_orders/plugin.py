"""What the orders plugin gives to the CRM."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore import Action, Entity, Event, Extension, Inside, Permission, Registered, hookimpl, inside
from crmcore_orders import telling
from crmcore_orders.actions import ACTIONS, REFUND
from crmcore_orders.channels import CHANNELS
from crmcore_orders.entities import entities
from crmcore_orders.events import (
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderPaid,
    OrderPlaced,
    OrderRefundCreated,
    OrderRefunded,
    OrderUpdated,
)
from crmcore_orders.spending import FIELDS

if TYPE_CHECKING:
    import click

    from crmcore import Crm, Seeding, Work, subjects


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """The ways by which orders come."""
    return CHANNELS


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Giving money back is a right of its own."""
    return [Permission(REFUND, "Give money back for an order.")]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Products, orders, refunds, and what belongs to them."""
    return entities()


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What one can do with orders."""
    return ACTIONS


@hookimpl
def crm_graphql() -> Iterable[Extension]:
    """`Customer.ordersLastAt` and `Customer.ordersTotalSpent`."""
    return FIELDS


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """The steps of an order, and money that is given back."""
    return [OrderPlaced, OrderPaid, OrderCompleted, OrderCancelled, OrderRefunded]


@hookimpl
def crm_handlers() -> Iterable[Inside]:
    """Steps are told of whatever the door."""
    return [
        inside(OrderCreated, telling.tell_created),
        inside(OrderUpdated, telling.tell_updated),
        inside(OrderRefundCreated, telling.tell_refunded),
    ]


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    """`crm orders mapping` and `crm orders verify`."""
    from crmcore_orders.commands import mapping, verify_orders

    return [mapping, verify_orders]


@hookimpl
async def crm_subject_export(crm: Crm, subject: subjects.Subject) -> Iterable[subjects.Exported]:
    """What a customer has spent in all."""
    from crmcore_orders.disclosing import disclose

    return await disclose(crm, subject)


@hookimpl
async def crm_subject_erase(work: Work, subject: subjects.Subject) -> Iterable[subjects.Erasure]:
    """Of an erased customer's orders the figures stay."""
    from crmcore_orders.forgetting import forget

    return await forget(work, subject)


@hookimpl
async def crm_seed(seeding: Seeding) -> None:
    """A catalogue and orders for the demonstration."""
    from crmcore_orders.demo import seed

    await seed(seeding)
