"""Timelines: which entities' records are entries of which record's feed of everything that happened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmcore.entities import fields as f
from crmcore.entities.kinds import INSTANT

if TYPE_CHECKING:
    from crmcore.entities.entity import Entity

__all__ = ["Timeline", "feeds"]

_KIND = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_ABOUT = "Everything that happened, and what is planned: records of several types, the newest first."


@dataclass(frozen=True, slots=True)
class Timeline:
    """That an entity's records are entries of the timeline of the records they belong to.

    Give the table an index on the link and the instant (`("customer_id", "occurred_at desc")`): a page is read from it at
    once, however long the history is. Where the way has several links, every record on it costs one such look-up.

    Example:

        Timeline("DEAL_STAGE_CHANGE", "A deal came into a stage.", at="entered_at", path=(("deal_id", "deal"), ("customer_id", "customer")))

    Attributes:

        kind: what clients call such an entry, in upper snake case; no two entities share one.
        description: one sentence about such an entry.
        at: the instant column that says when it happened; a record without it is no entry.
        path: the links that lead to the record whose timeline it is: names of a link column and of the entity behind it.
    """

    kind: str
    description: str
    at: str
    path: tuple[tuple[str, str], ...]


def feeds(entities: Mapping[str, Entity], problems: list[str]) -> Iterator[tuple[str, f.Feed]]:
    """Yield the timeline of each entity that has one, with the entity's name.

    Args:

        entities: all entities, by name.
        problems: gets a line for each declaration that leads nowhere.
    """
    sources: dict[str, list[tuple[str, Timeline]]] = {}
    givers: dict[str, Entity] = {}
    for entity in entities.values():
        for said in entity.timeline:
            wrong = list(_wrongs(entities, entity, said))
            if (other := givers.setdefault(said.kind, entity)) is not entity:
                wrong.append(
                    f"Plugins {other.plugin!r} and {entity.plugin!r} both give timelines the kind {said.kind}; rename one."
                )
            problems.extend(wrong)
            if not wrong:
                sources.setdefault(said.path[-1][1], []).append((entity.name, said))
    for target, found in sources.items():
        yield target, f.Feed("timeline", _ABOUT, tuple(found))


def _wrongs(entities: Mapping[str, Entity], entity: Entity, said: Timeline) -> Iterator[str]:
    where = f"The timeline kind {said.kind!r} of {entity.name}"
    if not _KIND.fullmatch(said.kind):
        yield f"{where} is not in upper snake case, as in DEAL_STAGE_CHANGE; rename it."
    if said.at not in entity.columns or entity.facts[said.at].kind is not INSTANT:
        yield f"{where} happens at {said.at!r}, which is no instant column of {entity.name}."
    if not said.path:
        yield f"{where} has an empty path; name the link to the record whose timeline it is."
    here: Entity | None = entity
    for column, name in said.path:
        if here is not None and not _leads(entities, here, column, name):
            yield f"{where} goes by {column!r} from {here.name} to {name!r}, where no link of it leads."
        here = entities.get(name)


def _leads(entities: Mapping[str, Entity], entity: Entity, column: str, name: str) -> bool:
    target = entity.facts[column].target if column in entity.columns else None
    return name in entities and (target == name or (target == "*" and entities[name].attachable))
