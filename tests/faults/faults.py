"""What can happen to a system: one function a kind of fault."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.disk import Disk
from tests.faults.processes import Service
from tests.faults.proxy import Proxy

__all__ = ["FAULTS", "Fault", "Target"]

#: Seconds that a process stands still: longer than its lease lasts, so that others take over what it was at.
_PAUSE = 3.5
#: Seconds after which a process has begun its work, and how often one that has not yet is taken.
_GROWN, _YOUNG = 4.0, 0.2
#: Seconds that a disk stays full.
_FULL = 1.5


@dataclass
class Target:
    """What faults happen to.

    Attributes:

        random: chance.
        servers: processes that answer HTTP.
        workers: processes that do jobs.
        proxies: one before each server.
        link: before PostgreSQL, for some of the processes; None on SQLite.
        postmaster: of PostgreSQL, None on SQLite.
        paused: process ids of those that were made to stand still.
        disk: what the database lies on, None where it cannot be filled.
    """

    random: Random
    servers: list[Service]
    workers: list[Service]
    proxies: list[Proxy]
    link: Proxy | None = None
    postmaster: Service | None = None
    disk: Disk | None = None
    paused: set[int] = field(default_factory=set)

    def one(self, services: Iterable[Service]) -> Service | None:
        """Choose one of the processes to which something can happen now; one that has just begun only now and then."""
        able = [service for service in services if service.at_fault]
        grown = [service for service in able if service.age > _GROWN]
        young = able if self.random.random() < _YOUNG else []
        among = grown or young
        return self.random.choice(among) if among else None


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:

        inflict: makes it happen; says whether there was anything it could happen to.
        weight: how often it is chosen.
        dialects: the databases where it can happen.
    """

    inflict: Callable[[Target], Awaitable[bool]]
    weight: int
    dialects: tuple[str, ...] = ("sqlite", "postgresql")


async def _kill_server(target: Target) -> bool:
    return _kill(target.one(target.servers))


async def _kill_worker(target: Target) -> bool:
    return _kill(target.one(target.workers))


async def _kill_all(target: Target) -> bool:
    services = [service for service in (*target.servers, *target.workers) if service.at_fault]
    killed = [_kill(service) for service in services]
    return any(killed)


def _kill(service: Service | None) -> bool:
    if service is None:
        return False
    service.kill()
    return True


async def _pause_worker(target: Target) -> bool:
    return await _pause(target, target.one(target.workers))


async def _pause_server(target: Target) -> bool:
    return await _pause(target, target.one(target.servers))


async def _pause(target: Target, service: Service | None) -> bool:
    if service is None or service.pid is None:
        return False
    target.paused.add(service.pid)
    service.pause()
    await asyncio.sleep(_PAUSE)
    service.resume()
    return True


async def _swallow(target: Target) -> bool:
    target.random.choice(target.proxies).swallow(target.random.randint(1, 6))
    return True


async def _sever(target: Target) -> bool:
    target.random.choice(target.proxies).sever()
    return True


async def _swallow_from_database(target: Target) -> bool:
    """What a server or worker asked of PostgreSQL is done, commits too, and it never learns."""
    if target.link is None:
        return False
    target.link.swallow(target.random.randint(1, 8))
    return True


async def _kill_backend(target: Target) -> bool:
    postmaster = target.postmaster and target.postmaster.pid
    found = _children(postmaster, b"postgres: postgres crm ") if postmaster else []
    if not found:
        return False
    _send(signal.SIGKILL, target.random.choice(found))
    return True


async def _kill_postmaster(target: Target) -> bool:
    if target.postmaster is None or target.postmaster.pid is None:
        return False
    target.postmaster.kill()
    return True


async def _kill_cluster(target: Target) -> bool:
    """All of PostgreSQL at once, as when its machine loses power; what it had not written itself is gone."""
    if target.postmaster is None or (postmaster := target.postmaster.pid) is None:
        return False
    _send(signal.SIGSTOP, postmaster)
    for child in _children(postmaster, b"postgres: walwriter") + _children(postmaster, b"postgres:"):
        _send(signal.SIGKILL, child)
    target.postmaster.kill()
    return True


async def _fill_disk(target: Target) -> bool:
    if target.disk is None:
        return False
    await asyncio.to_thread(target.disk.fill)
    await asyncio.sleep(_FULL)
    target.disk.free()
    return True


def _children(parent: int, title: bytes) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        with suppress(OSError):  # it may end while we look
            if not path.name.isdigit() or not (path / "cmdline").read_bytes().startswith(title):
                continue
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.name))
    return found


def _send(number: signal.Signals, process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


_POSTGRESQL = ("postgresql",)

FAULTS: Mapping[str, Fault] = {
    "server killed": Fault(_kill_server, 24),
    "worker killed": Fault(_kill_worker, 20),
    "all processes killed": Fault(_kill_all, 3),
    "worker paused": Fault(_pause_worker, 5),
    "server paused": Fault(_pause_server, 3),
    "answers swallowed": Fault(_swallow, 20),
    "connections cut": Fault(_sever, 8),
    "database's answers swallowed": Fault(_swallow_from_database, 12, _POSTGRESQL),
    "backend killed": Fault(_kill_backend, 14, _POSTGRESQL),
    "postmaster killed": Fault(_kill_postmaster, 5, _POSTGRESQL),
    "database killed": Fault(_kill_cluster, 6, _POSTGRESQL),
    "disk full": Fault(_fill_disk, 5),
}
