"""Event types: what can happen, by key."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from crmcore import Actor, Created, Crm, Event, Settings, Work, hookimpl, ids
from crmcore.customers.events import CustomerCreated, LifecycleChanged
from crmcore.errors import SetupError
from crmcore.events.event import specific
from crmcore.pipelines.events import DealMoved
from tests.plugins.with_events import GiftsGiven


def test_every_entity_has_its_verbs(crm_model: Crm) -> None:
    """Keys are the entity's name, a dot and the verb; the class is the entity's own where there is one."""
    types = crm_model.event_types

    assert CustomerCreated is types["customer.created"].cls
    assert ("customer", "customers") == (types["customer.created"].entity, types["customer.created"].plugin)
    assert "A customer was made." == types["customer.created"].description
    assert Created is types["team.created"].cls
    assert {"created", "updated", "deleted", "restored", "destroyed"} == {
        key.partition(".")[2] for key in types if key.startswith("team.")
    }


def test_declared_events_are_named_after_their_class(crm_model: Crm) -> None:
    """The entity's name in front of the class's is not said twice; the plugin's stays."""
    types = crm_model.event_types

    assert DealMoved is types["deal.moved"].cls
    assert LifecycleChanged is types["customer.lifecycle_changed"].cls
    assert "interaction.logged" in types
    assert (GiftsGiven, "gifts") == (types["customer.gifts_given"].cls, types["customer.gifts_given"].plugin)


async def test_an_event_that_nobody_declares_undoes_the_work(crm: Crm) -> None:
    """The feed could not give it back, so it is a bug of the plugin, and the message says how to mend it."""

    class Stray(Event, of="customer"):
        """Nobody knows it."""

    async def unit(work: Work) -> None:
        await work.emit(work.event(Stray, crm.entities["customer"], ids.new()))

    with pytest.raises(TypeError, match=r"Stray about 'customer' was emitted.*give it by the hook crm_events"):
        await crm.run(Actor.system(), unit)


def declaring(*events: Any) -> object:
    """A plugin `bad` that declares events."""
    return SimpleNamespace(plugin_name="bad", crm_events=hookimpl(lambda: events, specname="crm_events"))


@dataclass(frozen=True, kw_only=True)
class BadThing(Event, of="nothing"):
    """About what is no entity."""


class Nameless(Event):
    """About nothing."""


class DealLost(Event, of="deal"):
    """Another plugin's entity, without the plugin's name."""


class BadCreated(Created):
    """A verb."""


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (BadThing, "declares the event BadThing about 'nothing', which is no entity"),
        (Nameless, "declares the event Nameless about nothing; write"),
        (DealLost, "declares the event DealLost; name it for example 'BadDealLost', so that plugins cannot collide."),
        (BadCreated, "gives BadCreated by crm_events, which is for events beyond the verbs"),
        (int, "gives int by crm_events, which is for events beyond the verbs"),
    ],
)
def test_what_is_wrong_with_a_declared_event_stops_the_start(event: type, message: str) -> None:
    """Each mistake is told with the way out."""
    with pytest.raises(SetupError) as stopped:
        Crm(Settings(), plugins=[declaring(event)], installed=False)

    assert message in "\n".join(stopped.value.problems)


def test_two_events_of_one_key_are_told_of() -> None:
    """A class twice, or two classes that get the same key."""
    one, other = (type("BadLuck", (Event,), {"__doc__": "x"}, of="deal") for _ in range(2))

    with pytest.raises(SetupError, match=r"declares the event 'deal\.bad_luck' twice; remove one"):
        Crm(Settings(), plugins=[declaring(one, other)], installed=False)


def test_an_entitys_events_have_one_class() -> None:
    """A second one would take the place of the first, whose handlers would be told of nothing any more."""
    with pytest.raises(TypeError, match=r"import CustomerCreated from crmcore\.customers\.events instead"):
        type("PerksCustomerMade", (Created,), {}, of="customer")

    assert CustomerCreated is specific(Created, "customer")
