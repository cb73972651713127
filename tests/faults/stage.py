"""The system under test, set up: database, servers behind proxies, workers, and what they log."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

import asyncpg

from tests.faults import postgresql
from tests.faults.disk import Disk
from tests.faults.faults import Target
from tests.faults.plan import Plan
from tests.faults.processes import Service, crm, end, program
from tests.faults.proxy import Proxy
from tests.faults.site import environment

__all__ = ["Stage", "staged"]

#: Seconds for anything to come up.
_PATIENCE = 60.0
#: PostgreSQL's name for the socket of its default port.
_SOCKET = ".s.PGSQL.5432"
_MEGABYTES = {"sqlite": 96, "postgresql": 512}


@dataclass
class Stage:
    """A system that runs.

    Attributes:

        folder: of the run: logs, settings, traces.
        database: URL of the database.
        token: of the administrator.
        target: what faults happen to.
    """

    folder: Path
    database: str
    token: str
    target: Target

    @property
    def traces(self) -> Path:
        """The file of attempts, as the plugin of the test writes it."""
        return self.folder / "traces.jsonl"


@asynccontextmanager
async def staged(
    plan: Plan,
    site: Callable[[Path, str | None], Mapping[str, str]] = environment,
    nursery: str = "tests.faults.nursery",
) -> AsyncIterator[Stage]:
    """Set a system up while a block runs; all of it is gone afterwards.

    Args:

        plan: what the run shall be.
        site: writes what the processes find into a folder and returns their variables.
        nursery: the module that makes processes; a plugin's fault test has one that imports the plugin too.
    """
    async with AsyncExitStack() as stack:
        folder = _folder()
        if not plan.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        where = folder / "database"
        disk = Disk(where)
        full = disk.mount(_MEGABYTES[plan.dialect]) if plan.disk else False
        if full:
            stack.callback(disk.unmount)
            if plan.keep:
                # What lies on a disk in memory is gone with it.
                stack.callback(
                    shutil.copytree, where, folder / "kept", ignore=shutil.ignore_patterns(".s.*", "ballast")
                )
        target = Target(Random(plan.seed), [], [], [], disk=disk if full else None)
        if plan.dialect == "postgresql":
            database, linked = await _postgresql(where / "cluster", folder, target, stack)
        else:
            database = linked = f"sqlite:///{where / 'crm.db'}"
        variables = site(folder, plan.defect)
        # The first of each kind is the one whose answers from the database can be swallowed.
        nth = [{**variables, "CRM_DATABASE": url} for url in (linked, database)]
        crib = _Crib(folder, await _nursery(nursery, folder, variables, stack), nth)
        token = await _servers(plan.servers, crib, target, stack)
        for number in range(plan.workers):
            await _kept(crib.service(f"worker-{number}", number, "worker"), stack, target.workers)
        yield Stage(folder, database, token, target)


def _folder() -> Path:
    """Make the folder of a run, with one for the database; PostgreSQL's own user has to get there."""
    folder = Path(tempfile.mkdtemp(prefix="crm-faults-"))
    folder.chmod(0o755)
    (folder / "database").mkdir()
    return folder


async def _postgresql(cluster: Path, folder: Path, target: Target, stack: AsyncExitStack) -> tuple[str, str]:
    """Start a server; return the URL of its database, and the one that leads there through a proxy."""
    await asyncio.to_thread(postgresql.make, cluster)
    kept: list[Service] = []
    await _kept(postgresql.server(cluster, folder / "postgresql.log"), stack, kept)
    target.postmaster = kept[0]
    end = monotonic() + _PATIENCE
    while True:
        try:
            await postgresql.create_database(f"postgresql://postgres@/postgres?host={cluster}")
        except (OSError, asyncpg.PostgresError):
            if monotonic() > end:
                raise
            await asyncio.sleep(0.05)
        else:
            break
    target.link, socket = Proxy(cluster / _SOCKET), folder / "link" / _SOCKET
    socket.parent.mkdir()
    await target.link.start(socket)
    stack.push_async_callback(target.link.stop)
    return f"postgresql://postgres@/crm?host={cluster}", f"postgresql://postgres@/crm?host={socket.parent}"


@dataclass(frozen=True)
class _Crib:
    """What processes of `crm` are made with."""

    folder: Path
    nursery: Path
    nth: Sequence[Mapping[str, str]]

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def service(self, name: str, number: int, *words: str) -> Service:
        variables = self.nth[number > 0]
        return Service(name, lambda: crm(self.nursery, words, self.log(name), variables))


async def _nursery(module: str, folder: Path, variables: Mapping[str, str], stack: AsyncExitStack) -> Path:
    path = folder / "nursery"
    log = folder / "nursery.log"
    made = program([sys.executable, "-m", module, str(path)], log, variables)
    stack.callback(end, made)
    await _until(lambda: path.exists() or made.poll() is not None, "the nursery", log)
    if not path.exists():
        raise RuntimeError(_text(log))
    return path


async def _servers(count: int, crib: _Crib, target: Target, stack: AsyncExitStack) -> str:
    """Start servers, each behind a proxy; return the token that the first one prints, which makes the database ready."""
    for number in range(count):
        name, port = f"server-{number}", _free_port()
        await _kept(crib.service(name, number, "serve", "--port", str(port)), stack, target.servers)
        proxy = Proxy(port)
        await proxy.start()
        stack.push_async_callback(proxy.stop)
        target.proxies.append(proxy)
        await _until(partial(_says_token, crib.log(name)), name, crib.log(name))
    return re.findall(r"^Token +(\S+)", _text(crib.log("server-0")), re.MULTILINE)[0]


async def _kept(service: Service, stack: AsyncExitStack, services: list[Service]) -> None:
    service.start()
    stack.push_async_callback(service.stop)
    services.append(service)


async def _until(there: Callable[[], bool], what: str, log: Path) -> None:
    end = monotonic() + _PATIENCE
    while not there():
        if monotonic() > end:
            msg = f"{what} did not come up within {_PATIENCE:g} s: {_text(log)[-4000:]}"
            raise TimeoutError(msg)
        await asyncio.sleep(0.05)


def _says_token(log: Path) -> bool:
    return "\nToken" in _text(log)


def _text(log: Path) -> str:
    return log.read_text() if log.exists() else ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
