"""Customers as a plugin: what this package gives the host, by the same hooks as anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmcore.customers import tables
from crmcore.customers.actions.custom_fields import prepare_custom_field_definition
from crmcore.customers.actions.customer import prepare_customer
from crmcore.customers.actions.lifecycle import convert_lifecycle, record_change, record_first
from crmcore.customers.actions.reach import prepare_address, prepare_contact_point, prepare_customer_relation
from crmcore.customers.actions.tags import TAGS, add_tags, prepare_tag, remove_tags
from crmcore.customers.events import CustomerCreated, CustomerUpdated, LifecycleChanged
from crmcore.entities.action import Action
from crmcore.entities.entity import Entity, Key
from crmcore.entities.registries import Registered
from crmcore.entities.registry import Added
from crmcore.entities.timeline import Timeline
from crmcore.events import After, Event, Inside, inside
from crmcore.hookspecs import hookimpl

__all__ = ["ENTITIES", "LIFECYCLE_STAGES"]

ENTITIES = (
    Entity(
        tables.Customer,
        plural="customers",
        prepare=prepare_customer,
        label="display_name",
        attachable=True,
        searched=("display_name", "legal_name", "given_name", "family_name", "domain"),
    ),
    Entity(
        tables.LifecycleChange,
        plural="lifecycleChanges",
        guarded_by="customer_id",
        actions=frozenset(),
        timeline=(
            Timeline(
                "LIFECYCLE_CHANGE",
                "The customer came into a lifecycle stage.",
                at="at",
                path=(("customer_id", "customer"),),
            ),
        ),
    ),
    Entity(
        tables.ContactPoint,
        plural="contactPoints",
        prepare=prepare_contact_point,
        guarded_by="customer_id",
        keys=(Key("VALUE", ("customer_id", "type", "value")),),
        label="value",
        searched=("value", "normalized"),
        found_as="customer_id",
    ),
    Entity(tables.Address, plural="addresses", prepare=prepare_address, guarded_by="customer_id"),
    Entity(
        tables.CustomerRelation,
        plural="customerRelations",
        prepare=prepare_customer_relation,
        guarded_by="from_id",
        keys=(Key("ENDS", ("from_id", "to_id", "type", "role")),),
    ),
    Entity(tables.Tag, plural="tags", prepare=prepare_tag, label="name"),
    Entity(tables.Tagging, plural="taggings", guarded_by="record_id", actions=frozenset()),
    Entity(
        tables.ExternalId,
        plural="externalIds",
        guarded_by="record_id",
        keys=(Key("EXTERNAL_ID", ("system", "record_type", "external_id")),),
        label="external_id",
    ),
    Entity(
        tables.CustomFieldDefinition,
        plural="customFieldDefinitions",
        prepare=prepare_custom_field_definition,
        keys=(Key("KEY", ("record_type", "key")),),
        order=("position",),
        label="label",
    ),
)

LIFECYCLE_STAGES = (
    ("SUBSCRIBER", "Subscriber", "Wants to hear from us."),
    ("LEAD", "Lead", "Might buy; nobody has looked closer."),
    ("QUALIFIED", "Qualified", "Could buy and has a reason to."),
    ("OPPORTUNITY", "Opportunity", "Talks with us about buying."),
    ("CUSTOMER", "Customer", "Has bought."),
    ("LOYAL", "Loyal", "Buys again and again."),
    ("AT_RISK", "At risk", "Buys less than before."),
    ("CHURNED", "Churned", "Does not buy any more."),
    ("WON_BACK", "Won back", "Had gone and buys again."),
    ("DISQUALIFIED", "Disqualified", "Will not buy."),
)


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """Give the stages of the lifecycle."""
    return [Registered("lifecycle_stages", key, label, said) for key, label, said in LIFECYCLE_STAGES]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Give customers and what hangs on them."""
    return ENTITIES


@hookimpl
def crm_fields() -> Iterable[Added]:
    """Give every attachable record its tags."""
    return [Added("*", lambda _: TAGS)]


@hookimpl
def crm_migrations() -> Path:
    """Say where the migrations are."""
    return Path(__file__).parent / "migrations"


@hookimpl
def crm_actions() -> Iterable[Action[Any, Any]]:
    """Give the mutations beyond the verbs every entity has."""
    return [convert_lifecycle, add_tags, remove_tags]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """Give what can happen to customers beyond the five verbs."""
    return [LifecycleChanged]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Remember the lifecycle of every customer."""
    return [inside(CustomerCreated, record_first), inside(CustomerUpdated, record_change)]
