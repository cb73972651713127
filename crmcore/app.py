"""A CRM: settings, plugins, entities, database, schema and HTTP, in the order they are built."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from copy import copy
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import UUID

import msgspec

from crmcore import tracing
from crmcore.access.actor import Actor
from crmcore.access.actors import Actors
from crmcore.access.standing import Standing
from crmcore.assembly import assemble, resolve_settings
from crmcore.database import Database
from crmcore.database.connection import Isolation
from crmcore.database.migrations import Migrator
from crmcore.entities.unit import Unit
from crmcore.entities.work import Work
from crmcore.errors import Declined, SetupError
from crmcore.events.feed import Feed
from crmcore.events.flush import Caused, flush
from crmcore.events.pulse import Pulse
from crmcore.jobs.background import Background
from crmcore.jobs.health import Health
from crmcore.jobs.job import Call
from crmcore.jobs.jobs import Jobs
from crmcore.plugins.newcomers import introduced
from crmcore.settings import Settings, load_settings

if TYPE_CHECKING:
    from litestar import Litestar

    from crmcore.graphql.planner import Documents, Planner, Tiers
    from crmcore.graphql.schema.schema import CrmSchema
    from crmcore.graphql.subscriptions.audiences import Audiences

__all__ = ["Crm"]

T = TypeVar("T")
R = TypeVar("R")
Migrate = Literal["never", "new", "always"]


class Crm:
    """One CRM on one database.

    Example:

        async with Crm() as crm:
            answer = await crm.execute("{ customers { nodes { name } } }", actor=Actor.system())

    Attributes:

        settings: the core's and, by class, the plugins' (`crm.settings[TaskSettings]`).
        plugins: in load order.
        declared: everything plugins declare.
        entities: all entities with their relations.
        registries: the open sets (interaction kinds, channels, ...).
        permissions: the permissions that are not about rows, by name.
        event_types: what can happen, by key.
        handlers: what is told of events.
        routines: what the names of jobs lead to.
        schedules: what is due again and again, by key.
        health: which jobs may be started now.
        jobs: durable work.
        background: what runs beside requests, once it is started.
        feed: reads what happened.
        database: open while the CRM runs.
        actors: the compiled rights of those who acted of late.
        pulse: says and hears, in all processes, that something was committed.
        migrator: brings the database to the shape that the plugins declare.
        started: whether it runs.
    """

    def __init__(
        self, settings: Settings | None = None, *, plugins: Iterable[object] = (), installed: bool = True
    ) -> None:
        """Load plugins and put together what they declare; no database is touched.

        Args:

            settings: None reads `crm.toml` and the environment.
            plugins: plugins besides those of installed distributions: objects with hooks and a `plugin_name`.
            installed: whether to load the plugins of installed distributions.

        Raises:

            SetupError: settings or plugins are wrong; each problem is a line.
        """
        parts = assemble(load_settings() if settings is None else settings, plugins, installed=installed)
        self.settings = parts.settings
        self.plugins = parts.plugins
        self.declared = parts.declared
        self.entities = parts.entities
        self.registries = parts.registries
        self.permissions = parts.permissions
        self.event_types = parts.event_types
        self.handlers = parts.handlers
        self.routines = parts.routines
        self.schedules = parts.schedules
        self.started = False
        self._migrations = parts.migrations
        self._connect()

    def like(self, settings: Settings) -> Crm:
        """Return a CRM of the same plugins with other settings, on another database for example; the schema is shared.

        Args:

            settings: as for `Crm`; which plugins are disabled stays as it is.

        Raises:

            SetupError: the settings are wrong.
        """
        twin = copy(self)
        twin.schema = self.schema
        twin.settings = resolve_settings(settings, self.plugins)
        # The planner speaks one database's SQL and the documents have limits; the twin makes its own.
        for made in ("planner", "documents", "tiers", "audiences"):
            twin.__dict__.pop(made, None)
        twin.started = False
        twin._connect()
        return twin

    @cached_property
    def schema(self) -> CrmSchema:
        """The GraphQL schema."""
        # Strawberry takes most of a second to import; commands that need no schema should not wait for it.
        from crmcore.graphql.schema.schema import build_schema

        return build_schema(self.entities, self.registries, self.declared.actions, self.declared, self.event_types)

    @cached_property
    def planner(self) -> Planner:
        """What turns operations into statements."""
        from crmcore.graphql.planner import Planner

        pages = self.settings.pages
        sizes = pages.default, pages.maximum
        return Planner(
            self.entities,
            self.schema.graphql,
            self.database.dialect,
            pages=sizes,
            tiers=self.tiers,
            zone=self.settings.time_zone,
            database=self.database,
        )

    @cached_property
    def tiers(self) -> Tiers:
        """How large a document may be, for whom."""
        from crmcore.graphql.requests.tiers import tiers_of

        return tiers_of(self.settings.graphql)

    @cached_property
    def documents(self) -> Documents:
        """The documents that were parsed and validated so far."""
        from crmcore.graphql.planner import Documents

        return Documents(self.schema.graphql, self.settings.graphql.cached_documents, self.tiers.default)

    @cached_property
    def audiences(self) -> Audiences:
        """The subscriptions of this process."""
        from crmcore.graphql.subscriptions.audiences import Audiences

        return Audiences(self)

    async def __aenter__(self) -> Crm:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, *, migrate: Migrate = "never") -> None:
        """Open the database, check its migrations, and let the plugins start; nothing happens if it runs already.

        Args:

            migrate: when to apply pending migrations instead of refusing: `"new"` is on a database that has none yet.

        Raises:

            SetupError: the database cannot be opened, or migrations are pending.
        """
        if self.started:
            return
        await self.database.open()
        self.database.bind(table for source in self._migrations for table in source.tables)
        try:
            await self._settle_migrations(migrate)
            await self.plugins.startup(self)
        except BaseException:
            await self.database.close()
            raise
        self.started = True
        tracing.find()

    async def stop(self) -> None:
        """Let the plugins stop, and close the database."""
        if not self.started:
            return
        self.started = False
        try:
            await self.background.stop()
            await self.plugins.shutdown(self)
        finally:
            if "audiences" in self.__dict__:
                await self.audiences.close()
                del self.audiences
            await self.pulse.close()
            await self.database.close()

    async def run(
        self,
        actor: Actor,
        unit: Callable[[Work], Awaitable[T]],
        *,
        request_id: str | None = None,
        idempotency_key: str | None = None,
        isolation: Isolation = "repeatable read",
        last: Callable[[T], Awaitable[None]] | None = None,
        standing: Standing | None = None,
    ) -> T:
        """Do a unit of work in one transaction, again if the database asks for it.

        Its events, the jobs it put and those that tell after-handlers are written by the same transaction; who waits for
        them hears of the commit at once.

        Args:

            actor: who does it.
            unit: gets the `Work`; it may run several times, each time in a transaction of its own.
            request_id: the request behind it, recorded in events.
            idempotency_key: the key a client gave.
            isolation: of the transaction; see `crmcore.action`.
            last: may read what is to be shown of the result, by `Database.fetch_last`; called when all is written, unless
                something stood against that: then the unit is run again, and `last` is left out.
            standing: of the actor, if they are only known from an earlier request: the transaction confirms it.

        Raises:

            Refusal: what the unit refused; nothing of it was kept, but what an `errors.Declined` says of itself.
            RuntimeError: a transaction is open already; use the `Work` at hand.
            Unconfirmed: the standing does not hold any more; nothing was kept.
        """
        if self.database.in_transaction:
            msg = "Crm.run was called inside a transaction, which would not end with it. Use the Work at hand."
            raise RuntimeError(msg)

        made = partial(
            Work,
            self.database,
            self.entities,
            self.registries,
            self.handlers,
            actor,
            self.settings,
            self.routines,
            request_id,
            idempotency_key,
        )
        doing = Unit(self.database, made, unit, self._flushed, isolation, last, standing)
        try:
            result, caused = await self.database.retrying(doing.attempt)
        except Declined as declined:
            keep = declined.keep
            if keep is None or await self._once(
                Unit(self.database, made, keep, self._flushed, isolation, None, standing)
            ):
                raise
            # Another outcome was recorded in between; the unit finds it.
            return await self._once(Unit(self.database, made, unit, self._flushed, isolation, last, standing))
        self._told(caused)
        return result

    async def put(self, call: Call, *, actor: Actor | None = None, **when: Any) -> UUID:
        """Have something done soon: `await crm.put(send_welcome(customer_id=id), delay=60)`.

        Args:

            call: a job with its arguments.
            actor: who wants it; None is the CRM itself.
            when: as for `Work.put`.

        Returns:

            the id of the job, or of the one that has the key.

        Raises:

            LookupError: no loaded plugin gives the job.
            RuntimeError: a transaction is open already; use `Work.put`, so that the job comes with the commit.
        """
        return await self.run(actor or Actor.system(), lambda work: work.put(call, **when))

    async def execute(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        operation_name: str | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Answer a GraphQL operation as a client would see it, parsed; for tests and for programs that embed a CRM."""
        # Heavy: graphql-core and Strawberry.
        from crmcore.graphql.requests.execute import execute

        answer = await execute(self, text, variables, operation_name, actor, request_id)
        return msgspec.json.decode(answer.body, type=dict[str, Any])

    def subscribe(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        operation_name: str | None = None,
        after: str | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Give the answers of a GraphQL subscription as a client would see them, parsed, as things happen.

        Args:

            text: the document.
            variables: JSON values by name.
            actor: who asks.
            operation_name: which operation of the document; needed when it has several.
            after: a cursor that counts in place of the argument `after`.

        Raises:

            GraphQLErrors: the document or its variables are wrong.
            Invalid: it is no subscription, or an argument is wrong.
            Unavailable: it was interrupted; begin again after the last cursor.
        """
        # Heavy: graphql-core and Strawberry.
        from crmcore.graphql.subscriptions.local import subscribe

        return subscribe(self, text, variables, actor, operation_name, after)

    def asgi(self) -> Litestar:
        """Return the HTTP application, for any ASGI server or to be mounted in another application.

        An application around it enters `app.lifespan()` in its own, and may say who is signed in there: the e-mail of a
        user of this CRM in the scope, under `"crmcore.user"`. That person then asks, whatever else the request carries.
        """
        # Heavy: Litestar.
        from crmcore.http import application

        return application(self)

    async def _once(self, unit: Unit[R, Caused]) -> R:
        result, caused = await self.database.retrying(unit.attempt)
        self._told(caused)
        return result

    def _told(self, caused: Caused) -> None:
        if caused is not Caused.NOTHING:
            self.pulse.beat(jobs=caused is Caused.JOBS)

    def _flushed(self, work: Work) -> Awaitable[Caused]:
        self.feed.writes(work.events)
        return flush(work, self.event_types, self.handlers)

    def _connect(self) -> None:
        settings = self.settings
        self.database = Database.from_url(
            settings.database,
            pool_size=settings.pool_size,
            statement_timeout=settings.statement_timeout,
            replica=settings.replica,
        )
        if settings.log.slow_statement:
            self.database.log_slow(settings.log.slow_statement, values=settings.log.statement_values)
        sealed = {entity.tablename: entity.sealed for entity in self.entities.values() if entity.sealed}
        self.migrator = Migrator(self.database, self._migrations, sealed)
        self.actors = Actors(self.entities, self.permissions)
        self.pulse = Pulse(self.database, settings.pulse.look, settings.pulse.listen)
        self.health = Health(
            self.database,
            settings.jobs.breaker_failures,
            settings.jobs.breaker_rest,
            self.handlers.figures,
            self.routines,
        )
        self.jobs = Jobs(self, self.routines)
        self.background = Background(self)
        self.feed = Feed(self.database, self.entities, self.event_types)

    async def _settle_migrations(self, migrate: Migrate) -> None:
        if migrate == "always" or (migrate == "new" and not await self.migrator.applied()):
            await self.migrator.up()
        elif pending := await self.migrator.pending():
            names = ", ".join(str(p) for p in pending)
            known = {name.partition("_")[0] for name in await self.migrator.applied()}
            new = introduced({p.plugin for p in pending} - known) if known else {}
            told = [
                f" {next(p for p in self.plugins if p.name == name)} is new to it. {' '.join(said)}"
                for name, said in new.items()
            ]
            msg = f"The database lacks the migrations {names}; run `crm migrate`.{''.join(told)}"
            raise SetupError("migrations-pending", [msg])
