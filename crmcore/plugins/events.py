"""Do the declared events fit: is each about one entity, and is its key its own?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmcore.entities.registry import Entities
from crmcore.events.event import Event
from crmcore.events.types import VERBS, event_key
from crmcore.plugins.checks import Claim, check_twice
from crmcore.plugins.contributed import Contributed
from crmcore.plugins.names import belongs, example
from crmcore.plugins.plugin import Plugin
from crmcore.settings.reader import closest

__all__ = ["check_events"]


def check_events(plugins: Iterable[Plugin], declared: Contributed, entities: Entities, problems: list[str]) -> None:
    """Note every declared event that is none, is about no entity, is badly named, or has another's key."""
    by_name = {plugin.name: plugin for plugin in plugins}
    wrong = {cls: list(_wrongs(by_name[plugin], cls, entities)) for plugin, cls in declared.events}
    problems.extend(problem for found in wrong.values() for problem in found)
    verbs = [
        Claim(e.plugin, "declares an entity with the event", f"{e.name}.{verb}", None, "event")
        for e in entities.values()
        for verb in VERBS
    ]
    claims = [
        Claim(plugin, "declares the event", event_key(cls), None, "event")
        for plugin, cls in declared.events
        if not wrong[cls]
    ]
    check_twice(by_name, claims, problems, besides=verbs)


def _wrongs(plugin: Plugin, cls: type, entities: Entities) -> Iterator[str]:
    name = cls.__name__
    if not issubclass(cls, Event) or issubclass(cls, tuple(VERBS.values())):
        yield (
            f"{plugin} gives {name} by crm_events, which is for events beyond the verbs that every entity has; "
            f'give classes like `class {name}(Event, of="customer")`.'
        )
    elif cls.of is None:
        yield f'{plugin} declares the event {name} about nothing; write `class {name}(Event, of="…")` with an entity\'s name.'
    elif cls.of not in entities:
        hint = closest(cls.of, list(entities))
        yield f"{plugin} declares the event {name} about {cls.of!r}, which is no entity; {hint}"
    elif entities[cls.of].plugin != plugin.name and not belongs(plugin, name):
        better = example(plugin, name)
        yield f"{plugin} declares the event {name}; name it for example {better!r}, so that plugins cannot collide."
