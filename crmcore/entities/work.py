"""One unit of work: an actor, one transaction, and what was done in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from crmcore import clock
from crmcore.access.actor import Access, Actor
from crmcore.access.bound import EVERY_ROW, bound_rule
from crmcore.database import Database, ids
from crmcore.database.group_commit import Left
from crmcore.entities import many, sealed, store
from crmcore.entities.entity import Entity
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.entities.store import Row
from crmcore.errors import Forbidden, NotFound
from crmcore.events import Event, Handlers
from crmcore.events.event import made, specific
from crmcore.jobs.job import Call
from crmcore.jobs.put import When, open_with_key, row_of
from crmcore.jobs.routines import Routines
from crmcore.jobs.row import JobRow
from crmcore.search import keeping

if TYPE_CHECKING:
    from crmcore.entities.lot import Lot
    from crmcore.settings import Settings

__all__ = ["Work"]

E = TypeVar("E", bound=Event)


class Work:
    """What an action has in hand while its transaction is open; made by `Crm.run`.

    Attributes:

        actor: who acts; every write is stamped with it and every look-up obeys its rules.
        now: the instant of this unit of work, aware UTC; the same for all its rows and events.
        request_id: the request behind it, if any.
        idempotency_key: the key the client gave, if any.
        database: for statements an action has to write itself; already inside the transaction.
        entities: all entities of this CRM.
        registries: its open sets (interaction kinds, channels, ...).
        settings: its settings; a plugin's own by `work.settings[TheStructClass]`.
        handlers: what is told of events.
        events: what was emitted so far and not undone by a savepoint.
        jobs: what is to be put with the commit, likewise.
        lot: what many calls write, held back to be written together; None while each statement is run at once.
        known: records that links were found to lead to, as entity name and id; forgotten when anything goes.
        hoped: whether something travels with the commit of which nobody knows yet that it will be fine: what is refused
            meanwhile may be refused for another reason, so the unit is run again, and asks.
        presumed: whether something is hoped for of which a statement that is still to come will tell first.
        races: tables in which a key that is taken means that another process was quicker with the very same: the unit is
            run again, and finds what that one wrote.
    """

    def __init__(
        self,
        database: Database,
        entities: Entities,
        registries: Registries,
        handlers: Handlers,
        actor: Actor,
        settings: Settings,
        routines: Routines | None = None,
        request_id: str | None = None,
        idempotency_key: str | None = None,
        *,
        hopeful: bool = False,
    ) -> None:
        self.database = database
        self.entities = entities
        self.registries = registries
        self.actor = actor
        self.settings = settings
        self.now: datetime = clock.now()
        self.request_id = request_id
        self.idempotency_key = idempotency_key
        self.events: list[Event] = []
        self.jobs: list[JobRow] = []
        self.lot: Lot | None = None
        # Who acts was found to be there, and active, a moment ago.
        self.known: set[tuple[str, UUID]] = {("user", actor.user_id)} if actor.user_id else set()
        self.races: set[str] = set()
        self.hoped, self.presumed, self._hopeful = False, False, hopeful
        self.handlers, self._routines = handlers, routines if routines is not None else Routines()

    @property
    def hopes(self) -> bool:
        """Whether to have the database check with the commit, by `hope`, what is surely fine, and not wait to hear of it."""
        return self._hopeful and self.lot is None and self.database.gathers

    def hope(self, sql: str, *params: Any, many: str | None = None) -> Awaitable[None]:
        """Leave a statement for the next one or the commit, where `hopes`: if it fails, the unit is run again, and asks.

        See `Database.later`.
        """
        self.hoped = True
        return self.database.leave(Left(sql, params, many))

    def hope_left(self, left: Left) -> Awaitable[None]:
        """As `hope`, of a statement whose values may be made when it is sent."""
        self.hoped = True
        return self.database.leave(left)

    def require(self, permission: str) -> None:
        """Demand a permission that is not about rows.

        Raises:

            Forbidden: the actor does not hold it.
        """
        if not self.actor.access.may(permission):
            msg = f"{self.actor.label} lacks the permission {permission}; ask an administrator for a role that has it."
            raise Forbidden(msg)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Open a part that can fail alone: its writes, events and jobs go when it raises, the rest stays."""
        events, jobs = len(self.events), len(self.jobs)
        try:
            async with self.database.transaction():
                yield
        except BaseException:
            del self.events[events:], self.jobs[jobs:]
            self.known.clear()
            raise

    async def get(self, entity: str, id: UUID, *, action: str = "read", deleted: bool = False) -> Row:
        """Read one record that the actor may do `action` with; for anything but `read` the row stays locked.

        Args:

            entity: entity name.
            id: the record.
            action: one of `crmcore.access.actor.ACTIONS`.
            deleted: whether a deleted record will do.

        Raises:

            NotFound: there is none, or the actor may not know of it.
            Forbidden: the actor may read it and not do that with it.
        """
        kind = self.entities[entity]
        readable, allowed, values = self._predicates(kind, action)
        held = self.lot.get(kind, id) if self.lot is not None and readable == allowed == EVERY_ROW else None
        if held is not None and (deleted or held.get("deleted_at") is None):
            return held
        lock = " for update of t" if action != "read" and self.database.dialect == "postgresql" else ""
        raw = await self.database.fetch_dicts(
            f"select t.*, ({readable}) as crm_readable, ({allowed}) as crm_allowed "
            f"from {kind.tablename} t where t.id = $1{lock}",
            id,
            *values,
        )
        if not raw or not raw[0].pop("crm_readable") or (not deleted and raw[0].get("deleted_at") is not None):
            msg = f"There is no {kind.name.replace('_', ' ')} {ids.encode(kind.name, id)}, or you may not see it."
            raise NotFound(msg)
        if not raw[0].pop("crm_allowed"):
            msg = f"You may read {ids.encode(kind.name, id)} but not {action} it; your roles give {entity}:{action} for fewer rows."
            raise Forbidden(msg)
        row = store.read(kind, raw[0])
        return row if kind.seal is None else (await sealed.opened(self.database, kind, [row]))[0]

    async def reaches(self, entity: str, id: UUID, action: str) -> bool:
        """Say whether the actor's rights for `action` reach a row, as it stands now."""
        kind = self.entities[entity]
        predicate, values = self.predicate(kind, action, start=2)
        sql = f"select 1 from {kind.tablename} t where t.id = $1 and ({predicate})"
        return await self.database.fetch_value(sql, id, *values) is not None

    def reach(self, entity: Entity, action: str) -> Callable[[int], tuple[str, list[Any]]] | None:
        """Return what makes the row rule for an action over the alias `t` (see `predicate`), None if it holds for all."""
        first = self.predicate(entity, action, start=1)
        if first[0] == EVERY_ROW:
            return None
        return lambda start: first if start == 1 else self.predicate(entity, action, start)

    async def find(self, entity: str, /, **equals: Any) -> list[Row]:
        """Read live records by equal columns, without row rules: for an entity's own invariants."""
        kind = self.entities[entity]
        if self.lot is not None and (known := await self.lot.find(kind, equals)) is not None:
            return known
        conditions, values = await self.equal(kind, equals)
        if kind.soft_delete:
            conditions.append("t.deleted_at is null")
        return await store.select(self.database, kind, " and ".join(conditions) or "1 = 1", *values)

    async def having(self, entity: str, column: str, values: Sequence[Any]) -> list[UUID]:
        """Return the live records that hold one of some values, none null, in a column, sealed or not, without row rules.

        Raises:

            Invalid: the column is sealed, and nothing is kept by which it could be looked up.
        """
        kind = self.entities[entity]
        if self.lot is not None and column in kind.sealed:
            await self.lot.write()
        return await many.having(self.database, kind, column, values)

    async def equal(self, entity: Entity, equals: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
        """Return conditions over the alias `t` that some columns hold these values, and what is bound from `$1` on."""
        if self.lot is not None and not entity.sealed.isdisjoint(equals):
            await self.lot.write()  # a seal looks into tables of its own, where nothing is of what is held back
        return await many.equal(self.database, entity, equals)

    async def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        """Run a statement with `$1…` and return its rows as the driver gives them."""
        return await self.database.fetch_dicts(sql, *params)

    async def insert(self, entity: str, values: Mapping[str, Any]) -> Row:
        """Write a new record as it is, stamped, without rules and events: for what the server itself records."""
        kind = self.entities[entity]
        row: Row = {**kind.blank, **kind.defaults, **self.stamps(kind, created=True), **values}
        if row["id"] is None:
            row["id"] = ids.new()
        if self.lot is not None:
            await self.lot.insert(kind, row)
            return row
        if self.hopes and kind.seal is None and not kind.found_as:
            for left in store.left_insert(self.database.dialect, kind, row):
                await self.hope_left(left)
            return row
        await store.insert(self.database, kind, row)
        if kind.found_as:
            await keeping.written(self.database, self.entities, kind, [row])
        return row

    async def change(self, entity: str, id: UUID, values: Mapping[str, Any]) -> None:
        """Write some columns of a record, without rules and events: for what the server itself keeps up to date."""
        kind = self.entities[entity]
        if self.lot is not None and self.lot.change(kind, id, values):
            return
        concerned = kind.seal is not None and not sealed.heard(kind).isdisjoint(values)
        before = await store.select(self.database, kind, "t.id = $1", id) if kind.searched or concerned else []
        await store.overwrite(self.database, kind, id, values, before[0] if before and concerned else None)
        if before:
            await keeping.changed(self.database, self.entities, kind, [*before, {**before[0], **values}], values)

    def emit(self, event: Event) -> Awaitable[None]:
        """Tell of an event: inside-handlers run now; the feed and the jobs of after-handlers are written with the commit."""
        self.events.append(event)
        return self.handlers.tell_inside(self, event)

    async def put(
        self,
        call: Call,
        *,
        at: datetime | None = None,
        delay: float | timedelta = 0.0,
        key: str | None = None,
        priority: int | None = None,
        lane: str | None = None,
        at_once: int | None = None,
        ordered: bool | None = None,
    ) -> UUID:
        """Have something done once this transaction is committed: `await work.put(send_welcome(customer_id=id))`.

        Args:

            call: a job with its arguments.
            at: not before this instant.
            delay: not before so many seconds (or a timedelta) from now.
            key: while a job with this key waits or runs, putting another does nothing.
            priority: greater first, instead of the job's own.
            lane: jobs of one lane wait for each other, instead of the lane that the job's `per` makes.
            at_once: how many of the lane run at once, instead of the job's own.
            ordered: one after the other in the order they were put, instead of what the job says.

        Returns:

            the id of the job, or of the one that has the key.

        Raises:

            LookupError: no loaded plugin gives the job.
            ValueError: at and delay both, or a lane without a limit.
        """
        when = When(at=at, delay=delay, key=key, priority=priority, lane=lane, at_once=at_once, ordered=ordered)
        row = row_of(self._routines, call, when, self.now, self.actor, self.request_id)
        if key is not None:
            there = next((put.id for put in self.jobs if put.key == key), None)
            if there is not None or (there := await open_with_key(self.database, key)) is not None:
                return there
        self.jobs.append(row)
        return row.id

    def event(self, kind: type[E], entity: Entity, id: UUID, /, **details: Any) -> E:
        """Make an event of this unit of work; the entity's own class of it where one is declared."""
        values = {
            "id": ids.new(),
            "at": self.now,
            "actor": self.actor.stamp,
            "entity": entity.name,
            "record_id": id,
            "request_id": self.request_id,
            "idempotency_key": self.idempotency_key,
            **details,
        }
        return made(specific(kind, entity.name), values)

    def stamps(self, entity: Entity, *, created: bool) -> Row:
        """Return who and when, for the columns the entity has."""
        now, by = self.now, self.actor.stamp
        if created:
            found: Row = {"updated_at": now, "updated_by": by, "created_at": now, "created_by": by, "version": 1}
        else:
            found = {"updated_at": now, "updated_by": by}
        return (
            found if found.keys() <= entity.columns.keys() else {k: v for k, v in found.items() if k in entity.columns}
        )

    def predicate(self, entity: Entity, action: str, start: int, access: Access | None = None) -> tuple[str, list[Any]]:
        """Return the row rule for an action over the alias `t`, with placeholders from `$start`, and their values."""
        return bound_rule(self.entities, self.database.dialect, self.actor, entity.name, action, start, access=access)

    def _predicates(self, entity: Entity, action: str) -> tuple[str, str, list[Any]]:
        readable, values = self.predicate(entity, "read", start=2)
        if action == "read":
            return readable, "1 = 1", values
        allowed, more = self.predicate(entity, action, start=2 + len(values))
        return readable, allowed, [*values, *more]
