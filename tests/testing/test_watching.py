"""A watched package: what it connects to and what it reads of the environment is noted, what others do is not."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from crmcore import Actor, Crm, Database, Work
from crmcore.testing.watching import watching

#: Nobody listens there, so nothing is ever connected.
NOWHERE = "127.0.0.9"
CODE = f'''
import asyncio, os, socket, threading

def connect(host="{NOWHERE}"):
    with socket.socket() as made, __import__("contextlib").suppress(OSError):
        made.settimeout(0.1)
        made.connect((host, 9))

async def open_(host="{NOWHERE}"):
    with __import__("contextlib").suppress(OSError):
        await asyncio.open_connection(host, 9)

async def in_a_task():
    await asyncio.create_task(beside.somebody("{NOWHERE}"))

async def in_a_thread():
    await asyncio.to_thread(beside.connect, "{NOWHERE}")

def thread():
    made = threading.Thread(target=beside.connect, args=("{NOWHERE}",))
    made.start()
    made.join()

def read():
    return os.environ.get("WATCHED_ONE"), os.getenv("WATCHED_TWO"), "WATCHED_THREE" in os.environ

async def handler(work, event=None):
    connect()

def call(other):
    return other()

async def wait_for(other):
    return await other()
'''
LIBRARY = """
import os, socket

async def somebody(host):
    connect(host)

def connect(host):
    with socket.socket() as made, __import__("contextlib").suppress(OSError):
        made.settimeout(0.1)
        made.connect((host, 9))

def read():
    return os.environ.get("NOT_WATCHED")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package, and a library beside it that it uses."""
    for name, code in (("watched_package", f"import watched_library as beside\n{CODE}"), ("watched_library", LIBRARY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("watched_package")
    for name in ("watched_package", "watched_library"):
        sys.modules.pop(name, None)


def folder(package: ModuleType) -> Path:
    """Where it is."""
    return Path(str(package.__file__)).parent


def test_a_connection_is_noted_with_its_place(package: ModuleType) -> None:
    """Host, file and line tell the author what to look at."""
    with watching(folder(package)) as watch:
        package.connect()

    assert [(NOWHERE, "watched_package/__init__.py:8", False)] == [(host, *deed) for host, deed in watch.network]


def test_a_name_is_noted_rather_than_its_number(package: ModuleType) -> None:
    """What was looked up is what capabilities.toml would name."""
    with watching(folder(package)) as watch:
        asyncio.run(package.open_("localhost"))

    assert {"localhost"} == {host for host, _ in watch.network}


@pytest.mark.parametrize("way", ["in_a_task", "in_a_thread", "thread"])
def test_tasks_and_threads_are_followed(package: ModuleType, way: str) -> None:
    """Who begins a task or a thread has done what is done in it."""
    with watching(folder(package)) as watch:
        begun = getattr(package, way)()
        if asyncio.iscoroutine(begun):
            asyncio.run(begun)

    assert [NOWHERE] == [host for host, _ in watch.network]


def test_what_others_do_is_not_noted(package: ModuleType) -> None:
    """A test, or a library that nobody of the package has called, may connect to whatever it likes."""
    with watching(folder(package)) as watch:
        package.beside.connect(NOWHERE)
        socket.getaddrinfo("localhost", 9)
        os.environ.get("WATCHED_ONE")

    assert ({}, {}) == (watch.network, watch.environment)


async def test_what_crmcore_does_for_it_is_not_noted(crm: Crm, package: ModuleType) -> None:
    """That a CRM connects to its database is no doing of the plugin whose handler asks for something."""
    database = Database.from_url(crm.settings.database)
    with watching(folder(package)) as watch:
        await package.wait_for(database.open)
        await package.wait_for(lambda: database.fetch_value("select 1"))
    await database.close()

    assert {} == watch.network


def test_variables_are_noted_that_it_reads_by_itself(package: ModuleType) -> None:
    """Whichever way it asks; what a library reads for it is the library's affair."""
    with watching(folder(package)) as watch:
        package.read()
        package.call(package.beside.read)

    assert ["WATCHED_ONE", "WATCHED_TWO", "WATCHED_THREE"] == [name for name, _ in watch.environment]


async def test_a_transaction_is_noted(crm: Crm, package: ModuleType) -> None:
    """What is done while a transaction is open keeps others waiting."""

    async def unit(work: Work) -> None:
        await package.handler(work)

    with watching(folder(package)) as watch:
        await crm.run(Actor.system(), unit)

    assert [True] == [deed.in_transaction for _, deed in watch.network]


def test_nothing_is_let_through(package: ModuleType) -> None:
    """A plugin that is only tried must not send anything to anybody, and others may."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with watching(folder(package), refuse=True):
            with pytest.raises(ConnectionRefusedError, match="while it is only tried"):
                package.call(lambda: socket.create_connection(address))
            socket.create_connection(address).close()


def test_nothing_is_watched_afterwards(package: ModuleType) -> None:
    """The process is as it was: for other tests, and for speed."""
    before = type(os.environ), socket.getaddrinfo, asyncio.BaseEventLoop.create_task
    with watching(folder(package)) as watch:
        pass
    package.connect()
    package.read()

    assert before == (type(os.environ), socket.getaddrinfo, asyncio.BaseEventLoop.create_task)
    assert ({}, {}) == (watch.network, watch.environment)
