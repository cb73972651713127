"""Interactions as a plugin: what this package gives the host, by the same hooks as anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmcore.entities.action import Action
from crmcore.entities.entity import Entity, Key
from crmcore.entities.registries import Registered
from crmcore.entities.timeline import Timeline
from crmcore.events import After, Event, Inside, inside
from crmcore.hookspecs import hookimpl
from crmcore.interactions import events, tables
from crmcore.interactions.actions.completing import complete_interaction, tell_completed
from crmcore.interactions.actions.interaction import prepare_interaction, prepare_interaction_participant
from crmcore.interactions.actions.logging import log_interaction, tell_logged
from crmcore.interactions.actions.touch import keep_dates
from crmcore.interactions.visibility import narrow

__all__ = ["CHANNELS", "ENTITIES", "KINDS"]

ENTITIES = (
    Entity(
        tables.Interaction,
        plural="interactions",
        prepare=prepare_interaction,
        owners=("owner_id", "assignee_id"),
        narrow=narrow,
        keys=(Key("EXTERNAL_ID", ("channel", "external_id")),),
        label="subject",
        attachable=True,
        searched=("subject", "body"),
        timeline=(
            Timeline(
                "INTERACTION",
                "Somebody had to do with the customer.",
                at="occurred_at",
                path=(("customer_id", "customer"),),
            ),
        ),
    ),
    Entity(
        tables.InteractionParticipant,
        plural="interactionParticipants",
        prepare=prepare_interaction_participant,
        guarded_by="interaction_id",
    ),
)

KINDS = (
    ("CALL", "Call", "Somebody called somebody."),
    ("EMAIL", "E-mail", "An e-mail was sent."),
    ("MEETING", "Meeting", "People met, in a room or on a screen."),
    ("NOTE", "Note", "Somebody wrote something down."),
    ("MESSAGE", "Message", "A message was sent in a messenger."),
    ("SMS", "SMS", "A text message was sent to a telephone."),
    ("SOCIAL_POST", "Social post", "Something was published in a social network."),
    ("VISIT", "Visit", "Somebody visited somebody."),
    ("FORM", "Form", "A form was filled in."),
    ("EVENT", "Event", "Somebody took part in an event."),
    ("SYSTEM", "System", "A system did something."),
)
CHANNELS = (
    ("PHONE", "Telephone", "By telephone."),
    ("EMAIL", "E-mail", "By e-mail."),
    ("SMS", "SMS", "By text message."),
    ("WEB", "Website", "Through the website."),
    ("CHAT", "Web chat", "In a chat window of the website."),
    ("WECHAT", "WeChat", "By WeChat."),
    ("WHATSAPP", "WhatsApp", "By WhatsApp."),
    ("SOCIAL", "Social network", "On a social network."),
    ("VIDEO", "Video call", "On a screen."),
    ("STORE", "Store", "In a shop."),
    ("IN_PERSON", "In person", "Face to face."),
    ("POST", "Post", "By letter."),
)


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """Give the kinds and channels that every CRM needs."""
    yield from (Registered("interaction_kinds", key, label, said) for key, label, said in KINDS)
    yield from (Registered("interaction_channels", key, label, said) for key, label, said in CHANNELS)


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Give interactions and who takes part in them."""
    return ENTITIES


@hookimpl
def crm_migrations() -> Path:
    """Say where the migrations are."""
    return Path(__file__).parent / "migrations"


@hookimpl
def crm_actions() -> Iterable[Action[Any, Any]]:
    """Give the mutations beyond the verbs every entity has."""
    return [log_interaction, complete_interaction]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """Give what can happen to interactions beyond the five verbs."""
    return [events.InteractionLogged, events.InteractionCompleted]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Keep the customers' dates, and tell what was logged and done."""
    kept = (
        events.InteractionCreated,
        events.InteractionUpdated,
        events.InteractionDeleted,
        events.InteractionRestored,
        events.InteractionDestroyed,
    )
    yield from (inside(event, keep_dates) for event in kept)
    yield inside(events.InteractionCreated, tell_logged)
    yield inside(events.InteractionUpdated, tell_completed)
