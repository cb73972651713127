"""A PostgreSQL server: how its connections are set up, and what is wrong when none can be had."""

from __future__ import annotations

import asyncio

import asyncpg

from crmcore.database.address import Address
from crmcore.database.failures import Keys
from crmcore.database.lifo import Lifo
from crmcore.database.postgresql.ahead import Ahead
from crmcore.database.postgresql.connection import PostgresConnection
from crmcore.database.postgresql.line import Line
from crmcore.database.postgresql.times import TIMES
from crmcore.database.postgresql.translate import ERRORS
from crmcore.database.values import json_text
from crmcore.errors import SetupError, Unavailable

__all__ = ["PostgresDriver"]

_OLDEST = 15
#: Statements that each connection keeps prepared: those of all plans that are kept (1024), and those that writes need.
#: With fewer, operations asked in turn would find their plan and prepare its statement again each time.
_STATEMENTS = 1280
#: Seconds to wait for the server when connecting.
_CONNECT = 10.0


class PostgresDriver:
    """See `crmcore.database.connection.Driver`: readers and writers are the same stack.

    Connections are not reset when given back (a round trip each time): nothing may leave session state behind.
    """

    dialect = "postgresql"

    def __init__(self, address: Address, pool_size: int, limit: float, keys: Keys) -> None:
        self._address, self._limit, self._keys = address, limit, keys
        self.readers: Lifo[PostgresConnection] = Lifo(self._connect, pool_size, limit, "connections to the database")
        self.writers = self.readers

    async def open(self) -> None:
        try:
            connection = await self.readers.take()
        except Unavailable as error:
            raise _refused(_reason(self._address.shown, error.__cause__)) from error.__cause__
        self.readers.give(connection)

    async def close(self) -> None:
        await self.readers.close()

    async def _connect(self) -> PostgresConnection:
        ahead = Ahead()
        line = Line(asyncio.get_running_loop(), ahead)
        try:
            raw = await self._connect_raw(line)
        except (*ERRORS, ValueError) as error:
            raise Unavailable("The database cannot be reached now; try again in a moment.") from error
        try:
            _check(self._address.shown, raw)
            for name in ("json", "jsonb"):
                await raw.set_type_codec(name, schema="pg_catalog", encoder=json_text, decoder=str)
            for name, (write, read) in TIMES.items():
                await raw.set_type_codec(name, schema="pg_catalog", encoder=write, decoder=read, format="tuple")
        except BaseException:
            raw.terminate()
            raise
        line.connecting = False
        if self._address.pooled:
            return PostgresConnection(raw, self._keys, self._limit)
        return PostgresConnection(raw, self._keys, ahead=ahead)

    async def _connect_raw(self, line: Line) -> asyncpg.Connection:
        settings = {"application_name": "crmcore", "timezone": "UTC"}
        if not self._address.pooled:  # PgBouncer refuses these
            settings["statement_timeout"] = str(max(1, int(self._limit * 1000)))  # 0 would be none
            settings["jit"] = "off"  # compiling costs more than these statements take
        return await asyncpg.connect(
            self._address.server,
            timeout=_CONNECT,
            loop=line,
            statement_cache_size=0 if self._address.pooled else _STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,  # no limit: the longest statements gain most from being prepared
            server_settings=settings,
        )


def _check(shown: str, raw: asyncpg.Connection) -> None:
    version, encoding = raw.get_server_version(), raw.get_settings().server_encoding
    if version.major >= _OLDEST and encoding == "UTF8":
        return
    if encoding != "UTF8":
        msg = f"The database {shown} stores text as {encoding}; create it with encoding UTF8."
        raise _refused(msg)
    msg = f"The server of {shown} is PostgreSQL {version.major}; crmcore needs {_OLDEST} or newer."
    raise _refused(msg)


def _reason(shown: str, error: BaseException | None) -> str:
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"The database {shown} does not exist; create it (createdb) or name another."
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"The server of {shown} refuses the user or the password; correct them in the URL."
    if "startup parameter" in str(error):
        return f"PgBouncer stands before {shown} and refuses this ({error}); add ?pgbouncer=true to the URL."
    if isinstance(error, TimeoutError):
        return f"The server of {shown} does not answer within {_CONNECT:g} s; check host, port and firewall."
    if isinstance(error, OSError):
        return f"The server of {shown} cannot be reached ({error}); start it or correct host and port."
    return f"The database {shown} cannot be opened: {error}. Correct the URL or the server's settings."


def _refused(problem: str) -> SetupError:
    return SetupError("database-unusable", [problem])
