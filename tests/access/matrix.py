"""Three rows of every entity (mine, my team's, somebody else's), roles, and what each role should reach of them.

The rows are made from the declarations and the expectation from the variants alone, so that neither uses the code that
is tested. Links that may be empty cross over: my deal has somebody else's customer, and they have my deal's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from crmcore import clock
from crmcore.access.actor import ACTIONS, EVERYTHING, Access, Actor, ActorType, Scope
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.entities.columns import Facts
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import BIGINT, BOOL, DATE, FLOAT, INSTANT, INT, JSON
from crmcore.entities.record import Record
from crmcore.entities.registry import Entities
from crmcore.entities.work import Work

VARIANTS = ("mine", "team", "theirs")
_CROSSED = {"mine": "theirs", "team": "team", "theirs": "mine"}
_REACHED = {
    Scope.NONE: frozenset[str](),
    Scope.OWN: frozenset({"mine"}),
    Scope.TEAM: frozenset({"mine", "team"}),
    Scope.ALL: frozenset(VARIANTS),
}
_FORMS = {"email": "{}@example.com", "currency": "EUR", "country": "DE", "locale": "en", "timezone": "UTC"}
_KEPT = {name for name in vars(Record) if not name.startswith("_")}


def _access(entities: Entities, **scopes: Scope) -> Access:
    """Give the same scopes on every entity: `read=Scope.ALL`."""
    free = [name for name, entity in entities.items() if entity.guarded_by is None]
    return Access(
        scopes=MappingProxyType({f"{name}:{action}": scope for name in free for action, scope in scopes.items()})
    )


def roles(entities: Entities) -> Mapping[str, Access]:
    """Return the roles of the matrix."""
    every = {scope: _access(entities, **dict.fromkeys(ACTIONS, scope)) for scope in Scope}
    return {
        "nothing": Access(),
        "own": every[Scope.OWN],
        "team": every[Scope.TEAM],
        "all": every[Scope.ALL],
        "reads all, changes own": _access(entities, read=Scope.ALL, update=Scope.OWN, delete=Scope.OWN),
        "reads own, exports nothing": _access(entities, read=Scope.OWN),
        "reads all, exports team": _access(entities, read=Scope.ALL, export=Scope.TEAM),
        "everything": EVERYTHING,
    }


ROLES = (
    "nothing", "own", "team", "all", "reads all, changes own", "reads own, exports nothing", "reads all, exports team", "everything",
)  # fmt: skip


@dataclass
class World:
    """The rows, and what is known of them.

    Attributes:

        crm: where they are.
        rows: by entity and variant.
    """

    crm: Crm
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def id(self, entity: str, variant: str) -> str:
        """Return a row's id as clients see it."""
        return ids.encode(entity, self.rows[entity, variant]["id"])

    def known(self, entity: str) -> set[str]:
        """Return the ids of an entity's three rows."""
        return {self.id(entity, variant) for variant in VARIANTS}

    def reached(self, entity: str, action: str, access: Access) -> set[str]:
        """Return the ids of the rows that an action should reach."""
        return {self.id(entity, variant) for variant in self._variants(self.crm.entities[entity], action, access)}

    def _variants(self, entity: Entity, action: str, access: Access) -> frozenset[str]:
        if access.everything:
            return frozenset(VARIANTS)
        if entity.guarded_by is not None:
            target = entity.facts[entity.guarded_by].target or ""
            above = self.crm.entities["customer" if target == "*" else target]
            return self._variants(above, action if action in ("read", "export") else "update", access)
        scope = access.scope(entity.name, action)
        owned = any(owner in entity.columns for owner in entity.owners)
        return _REACHED[scope] if owned else _REACHED[Scope.ALL if scope else Scope.NONE]

    def actor(self, access: Access) -> Actor:
        """Return the person whose the rows `mine` are, with a role."""
        me, team = self.rows["user", "mine"]["id"], self.rows["team", "mine"]["id"]
        return Actor(ActorType.USER, ids.encode("user", me), "Me", me, (team,), access)


async def populate(crm: Crm) -> World:
    """Make three rows of every entity."""
    world = World(crm)
    for name in crm.entities:
        for variant in VARIANTS:
            world.rows[name, variant] = {"id": ids.new()}
    for name in _targets_first(crm.entities):
        for variant in VARIANTS:
            world.rows[name, variant] |= _values(world, crm.entities[name], variant)

    async def insert(work: Work) -> None:
        # Links cross over, so rows are made without the links that may be empty, which are added when all are there.
        for name in _targets_first(crm.entities):
            for variant in VARIANTS:
                row, facts = world.rows[name, variant], crm.entities[name].facts
                await work.insert(
                    name, {c: v for c, v in row.items() if facts[c].target in (None, "*") or not facts[c].null}
                )
        for (name, _), row in world.rows.items():
            facts = crm.entities[name].facts
            later = {c: v for c, v in row.items() if facts[c].target not in (None, "*") and facts[c].null}
            if later:
                await work.change(name, row["id"], later)

    await crm.run(Actor.system(), insert)
    return world


def _targets_first(entities: Entities) -> list[str]:
    done: list[str] = []
    while len(done) < len(entities):
        done += [
            name
            for name, entity in entities.items()
            if name not in done and all(s.null or s.target in (None, "*", name, *done) for s in entity.facts.values())
        ]
    return done


def _values(world: World, entity: Entity, variant: str) -> dict[str, Any]:
    values = {}
    for column, said in entity.facts.items():
        if column in _KEPT:
            continue
        if column in entity.owners or (column == "team_id" and entity.owners and "owner_id" in entity.columns):
            values[column] = _whose(world, column, variant)
        elif said.target is not None:
            values |= _link(world, entity, column, said, variant)
        elif not said.null and said.default in (..., None):
            values.setdefault(column, _value(world, entity, column, said, variant))
    if "visibility" in entity.columns:
        values["visibility"] = "ALL"
    return values


def _whose(world: World, column: str, variant: str) -> UUID | None:
    if column == "team_id":
        team = {"mine": None, "team": "mine", "theirs": "theirs"}[variant]
        return world.rows["team", team]["id"] if team else None
    return world.rows["user", "mine" if variant == "mine" else "theirs"]["id"]


def _link(world: World, entity: Entity, column: str, said: Facts, variant: str) -> dict[str, Any]:
    crossed = said.null and column != entity.guarded_by
    target = "customer" if said.target == "*" else str(said.target)
    found = {column: world.rows[target, _CROSSED[variant] if crossed else variant]["id"]}
    if said.target == "*":
        found[f"{column.removesuffix('_id')}_type"] = target
    return found


def _value(world: World, entity: Entity, column: str, said: Facts, variant: str) -> Any:
    if said.registry is not None:
        return next(iter(world.crm.registries.keys(said.registry)))
    if said.choices is not None:
        return next(iter(said.choices.__members__))
    numbers = {INT: 1, BIGINT: 1, FLOAT: 1.0, BOOL: False, JSON: {}, DATE: None}
    if said.kind in numbers:
        return numbers[said.kind]
    if said.kind is INSTANT:
        return clock.now()
    return _FORMS.get(said.form or "", f"{entity.name} {{}} {column}").format(variant)[: said.max_length]
