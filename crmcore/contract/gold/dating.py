"""Is it known of everything a plugin adds to the API since when it is there?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from packaging.version import InvalidVersion, Version

from crmcore.contract.about import about
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.contributions import Extension, Listing
from crmcore.entities.action import Action
from crmcore.entities.entity import camel
from crmcore.entities.registry import Added
from crmcore.events.live import Live

__all__ = ["additions_say_since_when"]

_Dated = Added | Listing | Action[..., Any] | Live[Any, Any] | Extension


@rule(Tier.GOLD)
async def additions_say_since_when(subject: Subject) -> AsyncIterator[Shortfall]:
    """Who writes a client for several installations must know from which version of a plugin a field can be counted on.

    Entities, fields added to others, lists, actions, subscriptions and events say it by `since=`; the schema shows it. A
    column says it where it is younger than its entity. No version may be later than the plugin's own.
    """
    latest = _version(subject)
    for what, how, since in _added(subject):
        if since is None:
            yield Shortfall(
                f"{what} does not say since when it is there.",
                f'Write since="{latest or "0.1"}" into {how}: the version of the plugin that has it first.',
            )
        elif latest is not None and (wrong := _wrong(since, latest)):
            yield Shortfall(f"{what} is there since {since!r}, {wrong}.", "Name the version that has it first.")


def _added(subject: Subject) -> Iterator[tuple[str, str, str | None]]:
    """Yield what is added: its name, by what it is declared, since when it is there."""
    declared, name = subject.crm.declared, subject.name
    yield from _records(subject)
    every: tuple[_Dated, ...] = (
        *declared.added,
        *declared.listings,
        *declared.actions,
        *declared.lives,
        *declared.extensions,
    )
    for one in (one for one in every if one.plugin == name):
        where, how = _place(one)
        yield where, how, one.since
    for plugin, event in declared.events:
        if plugin == name:
            yield f"The event {event.__name__}", f"class {event.__name__}(…, since=…)", event._since


def _records(subject: Subject) -> Iterator[tuple[str, str, str | None]]:
    for entity in (e for e in subject.crm.declared.entities if e.plugin == subject.name):
        yield entity.type_name, f"Entity({entity.type_name}, …)", entity.since
        for column, said in entity.facts.items():
            if said.since is not None:
                yield f"{entity.type_name}.{camel(column)}", "its column", said.since


def _place(one: _Dated) -> tuple[str, str]:
    match one:
        case Added():
            field = one.field.__name__ if callable(one.field) else one.field.name
            return f"{one.entity}.{field}", f"Added({one.entity!r}, …)"
        case Listing():
            return f"Query.{one.name}", "Listing(…)"
        case Action():
            return f"Mutation.{one.name}", "@action(…)"
        case Live():
            return f"Subscription.{one.name}", "@live(…)"
        case Extension():
            target = one.target if isinstance(one.target, str) else one.target.__name__
            return f"{target}.{one.field.graphql_name or camel(one.field.python_name)}", "extend(…)"


def _version(subject: Subject) -> Version | None:
    try:
        return Version(about(subject).version or "")
    except (InvalidVersion, Unverified):
        return None


def _wrong(since: str, latest: Version) -> str | None:
    try:
        return f"which is later than the plugin's {latest}" if Version(since) > latest else None
    except InvalidVersion:
        return "which is no version"
