"""What makers of demonstration data work with: one source of randomness, one calendar, and a way to add finished rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.entities import many
from crmcore.errors import Conflict
from crmcore.interchange.seed.calendar import Calendar
from crmcore.search import keeping

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Progress", "Seeding"]

#: Called with the rows written so far and how many there will be, as far as is known.
Progress = Callable[[int, int], None]

#: Entities whose ids `made` keeps: what other records hang on.
_KEPT = frozenset({"customer", "deal", "user", "team"})


class Seeding:
    """One run of `crm seed`; what the hook `crm_seed` gets.

    Everything random comes from `random`, every id from `id`, every instant from `calendar`: then the same seed makes
    the same rows.

    Attributes:

        crm: the CRM whose database is filled, already inside a transaction.
        scenario: name of the scenario, for example `b2b`.
        size: how many customers are asked for.
        name: scenario, seed and size, for people.
        random: the source of randomness.
        calendar: draws instants of the two years that the data tells of.
        now: the end of those years: what is later is planned.
        made: ids made so far of the entities customer, deal, user and team.
        taken: texts that must not be made twice, such as e-mail addresses of users.
        rows: how many were written.
    """

    def __init__(self, crm: Crm, scenario: str, seed: int, size: int, calendar: Calendar, now: datetime) -> None:
        self.crm = crm
        self.scenario = scenario
        self.size = size
        self.name = f"scenario {scenario}, seed {seed}, size {size}"
        self.random = Random(self.name)  # noqa: S311 (nothing secret)
        self.calendar = calendar
        self.now = now
        self.made: dict[str, list[UUID]] = defaultdict(list)
        self.taken: set[str] = set()
        self.rows = 0
        self._stamp = Actor.system("seed").stamp
        self._waiting: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._blank: dict[str, dict[str, Any]] = {}

    def id(self, at: datetime) -> UUID:
        """Make a UUIDv7 of an instant, from `random`."""
        drawn = self.random.getrandbits(74)
        stamp = int(at.timestamp() * 1000) << 80
        return UUID(int=stamp | 0x7 << 76 | (drawn >> 62) << 64 | 0b10 << 62 | (drawn & (1 << 62) - 1))

    def add(self, entity: str, values: Mapping[str, Any], at: datetime) -> UUID:
        """Add a record.

        Args:

            entity: entity name.
            values: its columns, finished: nothing checks or completes them but the declared defaults.
            at: when it was made, aware UTC.

        Returns:

            its id.
        """
        id: UUID = values.get("id") or self.id(at)
        stamps = {"created_at": at, "updated_at": at}
        self._waiting[entity].append({**self._defaults(entity), **stamps, **values, "id": id})
        if entity in _KEPT:
            self.made[entity].append(id)
        return id

    async def have(self, entity: str, key: Mapping[str, Any], values: Mapping[str, Any], at: datetime) -> UUID:
        """Return the id of the record that has a key, which is added if it is not there.

        What is drawn from `random` is the same in both cases.

        Raises:

            Conflict: it is there with the id that it would get now: so this seed's data is there already.
        """
        id = self.id(at)
        there = await self.find(entity, **key)
        if there == id:
            msg = f"This CRM has the data of {self.name} already; use another seed, or another database."
            raise Conflict(msg)
        return there or self.add(entity, {**key, **values, "id": id}, at)

    async def find(self, entity: str, **equals: Any) -> UUID | None:
        """Return the id of a live record with these columns that is in the database already, None if there is none."""
        kind = self.crm.entities[entity]
        where = " and ".join(f"t.{column} = ${n}" for n, column in enumerate(equals, 1))
        sql = f"select t.id from {kind.tablename} t where {where} and t.deleted_at is null"
        id: UUID | None = await self.crm.database.fetch_value(sql, *equals.values())
        return id

    async def flush(self) -> None:
        """Write what was added, entity by entity in the order they are declared: what is referred to comes first."""
        for entity in self.crm.entities:
            if rows := self._waiting.pop(entity, None):
                kind = self.crm.entities[entity]
                # What is null in all of them need not be said: half of the columns, and half of the time.
                said = {column for row in rows for column, value in row.items() if value is not None}
                columns = [column for column in kind.columns if column in said]
                await many.insert_many(self.crm.database, kind, [{c: row.get(c) for c in columns} for row in rows])
                if kind.found_as:
                    await keeping.written(self.crm.database, self.crm.entities, kind, rows)
                self.rows += len(rows)

    def _defaults(self, entity: str) -> dict[str, Any]:
        if entity not in self._blank:
            kind = self.crm.entities[entity]
            blank = {name: said.default for name, said in kind.facts.items() if said.default is not ...}
            self._blank[entity] = blank | {"version": 1, "created_by": self._stamp, "updated_by": self._stamp}
        return self._blank[entity]
