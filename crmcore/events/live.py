"""What a subscription of a plugin's own is about: one function says of an event whether it is meant."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from crmcore.entities.action import Parameter, parameters_beside_first
from crmcore.entities.entity import camel
from crmcore.events.event import Event

__all__ = ["Live", "live"]

E = TypeVar("E", bound=Event)
P = ParamSpec("P")


@dataclass(frozen=True)
class Live(Generic[E, P]):
    """A field of `Subscription`; made by `live`.

    Attributes:

        picks: says of an event, given the client's arguments, whether this subscriber wants it; called on the event loop.
        events: the classes of events it is about; subclasses count.
        parameters: its arguments but for the event.
        plugin: who gives it; the host fills it in.
        since: version of the plugin that has it first; the schema shows it.
    """

    picks: Callable[Concatenate[E, P], bool]
    events: tuple[type[Event], ...]
    parameters: tuple[Parameter, ...]
    plugin: str = "core"
    since: str | None = None

    @property
    def name(self) -> str:
        """The field's name."""
        return camel(self.picks.__name__)

    @property
    def description(self) -> str:
        """First paragraph of the function's docstring, on one line."""
        return " ".join((inspect.getdoc(self.picks) or "").split("\n\n")[0].split())


def live(
    *events: type[Event], since: str | None = None
) -> Callable[[Callable[Concatenate[Any, P], bool]], Live[Any, P]]:
    """Make a function a subscription: clients are sent a `Change` whenever it says yes to an event they may read.

    Parameters are annotated as those of an action are:

        @live(DealMoved)
        def deal_moved(event: DealMoved, pipeline_id: Annotated[UUID, Ref("pipeline"), "Which pipeline."]) -> bool:
            \"\"\"A deal came from one stage into another.\"\"\"
            return pipeline_id in (event.from_pipeline_id, event.to_pipeline_id)

    Give it by the hook `crm_graphql`. Whether a subscriber may read the event is not the function's to decide.

    Args:

        events: the classes of events it is about, all declared by `crm_events` or about an entity; subclasses count.
        since: version of the plugin that has it first.

    Raises:

        TypeError: there are no events, a parameter is called `after`, lacks its description or has a type no client could give.
    """
    if not events or not all(isinstance(event, type) and issubclass(event, Event) for event in events):
        msg = "live(...) takes the classes of the events it is about, as in @live(DealMoved)."
        raise TypeError(msg)

    def decorate(picks: Callable[Concatenate[Any, P], bool]) -> Live[Any, P]:
        parameters = parameters_beside_first(picks)
        if any(parameter.name == "after" for parameter in parameters):
            msg = f"{picks.__module__}.{picks.__qualname__} has a parameter `after`, which every subscription has; rename it."
            raise TypeError(msg)
        return Live(picks, events, parameters, since=since)

    return decorate
