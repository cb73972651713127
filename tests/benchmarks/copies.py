"""Copies of filled databases: what a run creates stays in them, and the next run begins with what was made for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import asyncpg

from crmcore.testing.postgresql import Server

__all__ = ["copied", "ensured", "file_copied"]


async def ensured(server: Server, name: str) -> str:
    """Return the address of a database, which is made if it is not there."""
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            # The locale is the server's own, so that texts sort alike on every machine.
            locale = "template template0 locale_provider builtin builtin_locale 'C.UTF-8'"
            await connection.execute(f"create database {name} {locale}")
    finally:
        await connection.close()
    return server.url(name)


async def copied(server: Server, name: str) -> str:
    """Return the address of a copy of a database to which nobody is connected, in place of the one made before."""
    copy = f"{name}_run"
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(f"drop database if exists {copy} with (force)")
        # File by file: written through the log, a gigabyte would still be on its way to the disk while others are measured.
        await connection.execute(f"create database {copy} template {name} strategy file_copy")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
    return server.url(copy)


def file_copied(kept: Path) -> Path:
    """Return a copy of an SQLite file that is not open, in place of the one made before."""
    copy = kept.with_stem(f"{kept.stem}_run")
    for ending in ("", "-wal", "-shm"):
        Path(f"{copy}{ending}").unlink(missing_ok=True)
    return Path(shutil.copyfile(kept, copy))
