"""The settings of the core, each with its default, its unit and its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct, field

__all__ = [
    "Feed",
    "GraphQL",
    "Http",
    "Jobs",
    "Log",
    "Origin",
    "Pages",
    "Pulse",
    "RoleLimits",
    "Settings",
    "Subscriptions",
]

S = TypeVar("S", bound=Struct)

Positive = Annotated[int, Meta(ge=1)]


class Http(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The HTTP server.

    Attributes:

        body_limit: bytes a request body may have; larger ones get 413.
        metrics: who may read /metrics: those with the permission access.diagnose ("permitted"), everybody ("open"), or
            nobody ("off").
        compress_above: bytes from which on a GraphQL answer is compressed with gzip, if the client takes that; 0 is never.
        stop_timeout: seconds that running requests get to end when the server is told to stop.
        trusted_proxies: addresses, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto are believed; "*" is
            everybody.
    """

    body_limit: Positive = 1024 * 1024
    metrics: Literal["permitted", "open", "off"] = "permitted"
    compress_above: Annotated[int, Meta(ge=0)] = 64 * 1024
    stop_timeout: Annotated[float, Meta(ge=0)] = 20.0
    trusted_proxies: str = "127.0.0.1"


class Log(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log, on standard error.

    Attributes:

        level: the least severe level that is written.
        format: "json" is one object a line, "text" is for reading; "auto" is text on a terminal and JSON elsewhere.
        slow_statement: seconds from which on a statement is logged, with its SQL and the database's plan; 0 is never.
        statement_values: whether the log shows what was bound to a slow statement; that is people's data.
    """

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["auto", "json", "text"] = "auto"
    slow_statement: Annotated[float, Meta(ge=0)] = 0.5
    statement_values: bool = False


class Pages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pages of connections.

    Attributes:

        default: records on a page when a client says neither `first` nor `last`.
        maximum: records a client may ask for on one page.
    """

    default: Positive = 20
    maximum: Positive = 200

    def __post_init__(self) -> None:
        if self.default > self.maximum:
            msg = "default is more than maximum; make it smaller."
            raise ValueError(msg)


class RoleLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one role, where they differ from everybody's; see `GraphQL` for what they mean."""

    max_tokens: Positive | None = None
    max_depth: Positive | None = None
    max_aliases: Positive | None = None
    max_directives: Positive | None = None
    max_fields: Positive | None = None
    max_records: Positive | None = None


class GraphQL(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits on a GraphQL document, counted before it is validated; fragments count wherever they are spread.

    Attributes:

        max_tokens: tokens of the text.
        max_depth: levels of nested selections.
        max_aliases: aliased fields.
        max_directives: directives.
        max_fields: selected fields.
        max_records: records that lists in lists would hold were all their pages full: the greatest product of `first` or
            `last` along a path.
        roles: other limits by role key, as in `[graphql.roles.reporting]` with `max_depth = 20`; who has several roles
            has the largest of each.
        cached_documents: texts that are kept parsed and planned.
        persisted_documents: a file of persisted documents, JSON as GraphQL Code Generator, Relay or Apollo write it, or a
            folder of such files; they are read at the start, and clients send `documentId` instead of the text.
        only_persisted: whether persisted documents are the only ones answered.
        remembered_documents: texts kept for automatic persisted queries, by which clients that sent a text once send
            its SHA-256 from then on; 0 switches that off.
    """

    max_tokens: Positive = 1000
    max_depth: Positive = 16
    max_aliases: Positive = 30
    max_directives: Positive = 30
    max_fields: Positive = 500
    max_records: Positive = 250_000
    roles: Mapping[str, RoleLimits] = field(default_factory=dict)
    cached_documents: Positive = 512
    persisted_documents: str | None = None
    only_persisted: bool = False
    remembered_documents: Annotated[int, Meta(ge=0)] = 1000

    def __post_init__(self) -> None:
        if self.only_persisted and self.persisted_documents is None:
            msg = "only_persisted is on and there are none; set persisted_documents too."
            raise ValueError(msg)


class Pulse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How processes hear of each other's commits.

    Attributes:

        look: seconds after which workers, subscriptions and webhooks look for something new without having heard of it.
        listen: URL of a direct connection to the same PostgreSQL database, where PgBouncer stands before `database`.
    """

    look: Annotated[float, Meta(gt=0)] = 5.0
    listen: str | None = None


class Feed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The change feed.

    Attributes:

        keep_days: days for which what happened is kept; not set is for ever. History and time travel reach back as far.
    """

    keep_days: Annotated[float, Meta(gt=0)] | None = None


class Jobs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Durable work.

    Attributes:

        in_process: whether `crm serve` does jobs too; if not, `crm worker` has to run.
        concurrency: how many jobs run beside each other in a process.
        lease: seconds after which others take over the jobs of a worker that has not been heard of.
        stop_timeout: seconds that running jobs get to end when a worker is told to stop; then they are given back.
        keep_ended: days that jobs stay in the table after they succeeded or were cancelled; 0 keeps none that succeeded.
        keep_dead: days that jobs stay after they failed for good; not set is for ever.
        breaker_failures: failures in a row after which a handler's jobs wait instead of failing too; 0 is never.
        breaker_rest: seconds until one of them is tried again; twice as many after each trial that fails.
    """

    in_process: bool = True
    concurrency: Positive = 20
    lease: Annotated[float, Meta(ge=0.1)] = 30.0
    stop_timeout: Annotated[float, Meta(ge=0)] = 20.0
    keep_ended: Annotated[float, Meta(ge=0)] = 7.0
    keep_dead: Annotated[float, Meta(gt=0)] | None = 90.0
    breaker_failures: Annotated[int, Meta(ge=0)] = 10
    breaker_rest: Annotated[float, Meta(gt=0)] = 30.0


class Subscriptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Subscriptions over WebSocket and server-sent events.

    Attributes:

        per_connection: operations that one WebSocket may have running.
        per_actor: connections that one person may have open in this process, whatever the tokens.
        waiting_messages: answers that may wait for a client that reads slowly; with more it is cut off.
        waiting_bytes: bytes of answers that may wait, likewise.
        init_timeout: seconds that a WebSocket gets to send connection_init.
        recheck: seconds after which the token or session of a connection, and what it may see, is looked up again.
        keep_alive: seconds after which something is sent where nothing happens, so that proxies keep the connection.
    """

    per_connection: Positive = 100
    per_actor: Positive = 50
    waiting_messages: Positive = 1000
    waiting_bytes: Positive = 4 * 1024 * 1024
    init_timeout: Annotated[float, Meta(gt=0)] = 5.0
    recheck: Annotated[float, Meta(gt=0)] = 10.0
    keep_alive: Annotated[float, Meta(gt=0)] = 15.0


class Origin(Struct, frozen=True, kw_only=True):
    """Where settings came from; not a setting.

    Attributes:

        file: the file that was read, None if there was none.
        unclaimed: `CRM_*` variables that are none of the core's: plugins may claim them.
        problems: what is wrong with the sources; `Crm` reports it together with what is wrong with plugins.
    """

    file: str | None = None
    unclaimed: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an operator can set.

    Attributes:

        database: URL of the database: `sqlite:///crm.db` (a file beside the current directory's), `sqlite:////srv/crm.db`
            (absolute), or `postgresql://user:password@host:5432/name`, with `?pgbouncer=true` where PgBouncer in
            transaction mode stands between.
        replica: URL of a copy that follows the PostgreSQL database; GraphQL queries are read there as long as it answers.
        pool_size: connections to the database each process keeps.
        statement_timeout: seconds after which the database gives up on a statement.
        host: address to listen on; 0.0.0.0 is every network of this machine.
        port: TCP port to listen on.
        time_zone: IANA name of the time zone in which days, weeks and months begin and end, as in Europe/Berlin.
        idempotency_days: days for which an idempotency key stands for its request at least, with what came of it.
        disabled_plugins: names of installed plugins that are not loaded.
        http: the HTTP server.
        log: the log.
        pages: pages of connections.
        graphql: limits on documents.
        feed: what is kept of what happened.
        pulse: how processes hear of each other's commits.
        subscriptions: subscriptions over WebSocket and server-sent events.
        jobs: durable work.
        plugins: settings of plugins, by plugin name.
        origin: where all this came from; cannot be set.
    """

    database: str = "sqlite:///crm.db"
    replica: str | None = None
    pool_size: Positive = 16
    statement_timeout: Annotated[float, Meta(gt=0)] = 30.0
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    time_zone: str = "UTC"
    idempotency_days: Positive = 7
    disabled_plugins: tuple[str, ...] = ()
    http: Http = Http()
    log: Log = Log()
    pages: Pages = Pages()
    graphql: GraphQL = GraphQL()
    feed: Feed = Feed()
    pulse: Pulse = Pulse()
    subscriptions: Subscriptions = Subscriptions()
    jobs: Jobs = Jobs()
    plugins: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin = Origin()

    def __getitem__(self, kind: type[S]) -> S:
        """Return a plugin's settings by the class it declared: `crm.settings[TaskSettings].reminder_hours`.

        Raises:

            KeyError: no loaded plugin declares that class.
        """
        for found in self.plugins.values():
            if isinstance(found, kind):
                return found
        msg = f"No loaded plugin declares the settings {kind.__module__}.{kind.__qualname__} by crm_settings."
        raise KeyError(msg)
