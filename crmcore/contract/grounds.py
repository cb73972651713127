"""Where plugins are tried: databases of both kinds, made by copying, gone afterwards."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from crmcore.contract.rule import Unverified

if TYPE_CHECKING:
    from crmcore.testing import TestCrm
    from crmcore.testing.factories import Factory
    from crmcore.testing.moulds import Mould
    from crmcore.testing.postgresql import Server

__all__ = ["DIALECTS", "Grounds"]

DIALECTS = ("sqlite", "postgresql")
_numbers = count(1)


class Grounds:
    """Databases for as long as a block runs; several subjects may share them.

    Args:

        server: gives a PostgreSQL server that somebody else stops; None starts one when it is needed.
    """

    def __init__(self, server: Callable[[], Server] | None = None) -> None:
        self._server, self._closing = server, ExitStack()
        self._running: Server | None = None
        # The models are kept, so that no other takes over the id of one.
        self._moulds: dict[tuple[int, str], tuple[TestCrm, Mould | Exception]] = {}

    def __enter__(self) -> Grounds:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def lend(self, server: Callable[[], Server]) -> None:
        """Say who gives a PostgreSQL server from now on."""
        self._server = server

    def close(self) -> None:
        """Remove all databases."""
        self._closing.close()
        self._moulds.clear()
        self._running = None

    def mould(self, model: TestCrm, dialect: str, base: TestCrm | None = None) -> Mould:
        """Return a migrated database of which copies are made.

        Args:

            model: the CRM whose plugins say what it holds.
            dialect: `"sqlite"` or `"postgresql"`.
            base: a CRM with some of these plugins; its database is what this one begins with.

        Raises:

            Unverified: there is no such database here.
            Exception: what went wrong when it was migrated or started; again for everybody who asks.
        """
        key = id(model), dialect
        if key not in self._moulds:
            begin = None if base is None or base is model else self.mould(base, dialect)
            self._moulds[key] = model, self._made(model, dialect, begin)
        mould = self._moulds[key][1]
        if isinstance(mould, Exception):
            raise mould
        return mould

    @asynccontextmanager
    async def running(
        self, model: TestCrm, dialect: str, settings: dict[str, Any], factories: Mapping[str, Factory]
    ) -> AsyncIterator[TestCrm]:
        """Run a CRM like a model on a migrated database of its own; it makes records by these factories."""
        # Heavy: the structs of all settings.
        import msgspec

        from crmcore.settings import Settings

        with self.mould(model, dialect).copy(self.name()) as url:
            async with model.like(msgspec.convert({**settings, "database": url}, Settings)) as crm:
                crm.factories |= factories
                yield crm

    @contextmanager
    def empty(self, dialect: str) -> Iterator[str]:
        """Give the URL of a database without a table.

        Raises:

            Unverified: there is no such database here.
        """
        name = self.name()
        if dialect == "sqlite":
            yield f"sqlite:///{self.folder() / name}.sqlite"
            return
        server = self.server()
        _execute(
            server,
            f"create database {name} template template0 locale_provider builtin builtin_locale 'C.UTF-8'",
        )
        try:
            yield server.url(name)
        finally:
            _execute(server, f"drop database {name} with (force)")

    def name(self) -> str:
        """Return a name that no database here has."""
        return f"contract_{next(_numbers)}"

    def folder(self) -> Path:
        """Return a new folder that is removed at the end."""
        return Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="crm-contract-")))

    def server(self) -> Server:
        """Return the PostgreSQL server, started when it is first needed.

        Raises:

            Unverified: the wheel that brings it is not installed.
        """
        if self._running is None:
            # Heavy: the wheel.
            from crmcore.testing.postgresql import running_server

            try:
                own = running_server(in_memory=True)
                self._running = self._server() if self._server else self._closing.enter_context(own)
            except ImportError as missing:
                msg = "PostgreSQL is not here: pip install 'crmcore[testing]', or leave it out with --database sqlite."
                raise Unverified(msg) from missing
        return self._running

    def _made(self, model: TestCrm, dialect: str, base: Any) -> Mould | Exception:
        from crmcore.testing.moulds import PostgresqlMould, SqliteMould

        try:
            if dialect == "sqlite":
                return SqliteMould(model, self.folder(), base)
            return PostgresqlMould(model, self.server(), base)
        except Exception as error:  # whatever a plugin raises while it starts: the rules say it, each in its way
            return error


def _execute(server: Server, statement: str) -> None:
    # Heavy: the driver.
    import asyncpg

    async def execute() -> None:
        connection = await asyncpg.connect(server.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    # In a thread of its own: a loop may be running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, execute()).result()
