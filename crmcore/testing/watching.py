"""A pytest plugin that notes which hosts a package connects to, and which variables of the environment it reads.

`python -m pytest -p crmcore.testing.watching --crm-watch PACKAGE --crm-watched FILE` writes what it saw as JSON. It sees what
Python's audit events and `os.environ` show of code that does not hide: it is no sandbox.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import pytest

from crmcore.testing.whose import Deed, Whose

__all__ = ["Watch", "watching"]

#: Audit events by the place of the host among their arguments; of the others it is in an address.
_NAMES = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}
_ADDRESSES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class Watch:
    """What a package was seen to do.

    Args:

        package: its folder, or the file of a single module.
        refuse: whether to let nothing of its through to the network.

    Attributes:

        network: hosts it asked for, by name where it used one, with who did so.
        environment: names of variables it read, likewise.
    """

    def __init__(self, package: Path, *, refuse: bool = False) -> None:
        self.whose, self._refuse = Whose(package), refuse
        self.network: dict[tuple[str, Deed], None] = {}
        self.environment: dict[tuple[str, Deed], None] = {}
        self.names: dict[str, str] = {}

    def heard(self, event: str, args: tuple[Any, ...], frame: FrameType | None) -> None:
        """Note an audit event.

        Raises:

            ConnectionRefusedError: nothing is let through.
        """
        if event in _NAMES:
            host = args[_NAMES[event]]
        elif event in _ADDRESSES:
            host = _host(args[1])
        else:
            return
        if host is not None and (deed := self.whose.doing(frame)) is not None:
            host = host.decode() if isinstance(host, bytes) else str(host)
            host = self.names.get(host, host)
            self.network[host, deed] = None
            if self._refuse:
                msg = f"{deed.where} may not connect to {host} while it is only tried."
                raise ConnectionRefusedError(msg)

    def read(self, name: str, frame: FrameType | None) -> None:
        """Note that a variable of the environment was read."""
        if (deed := self.whose.caller(frame)) is not None:
            self.environment[name, deed] = None

    def seen(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "network": [{"host": host, **deed._asdict()} for host, deed in self.network],
            "environment": [{"name": name, "where": deed.where} for name, deed in self.environment],
        }


_watch: Watch | None = None
_hooked = False


@contextmanager
def watching(package: Path, *, refuse: bool = False) -> Iterator[Watch]:
    """Watch a package while the block runs, instead of what was watched so far. See `Watch`."""
    global _watch, _hooked
    if not _hooked:
        # An audit hook stays to the end of the process; without a watch it does nothing.
        sys.addaudithook(_heard)
        _hooked = True
    before, _watch = _watch, (watch := Watch(package, refuse=refuse))
    ordinary = type(os.environ)
    try:
        with watch.whose.followed(), patch.object(socket, "getaddrinfo", _naming(watch)):
            os.environ.__class__ = _Environment  # whoever has it, has it already
            yield watch
    finally:
        os.environ.__class__ = ordinary
        _watch = before


def _heard(event: str, args: tuple[Any, ...]) -> None:
    if _watch is not None and event.startswith("socket."):
        _watch.heard(event, args, sys._getframe(1))


class _Environment(os._Environ[str]):
    def __getitem__(self, key: str) -> str:
        if _watch is not None:
            _watch.read(key, sys._getframe(1))
        return super().__getitem__(key)


def _naming(watch: Watch) -> Any:
    ask = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        found = ask(host, *args, **kwargs)
        for *_, address in found:
            if isinstance(host, str) and not _is_number(host):
                watch.names[str(address[0])] = host
        return found

    return getaddrinfo


def _host(address: Any) -> Any:
    """Return the host of a socket's address; the path of a Unix socket; None where a connected socket names none."""
    if isinstance(address, tuple):
        return address[0]
    if isinstance(address, bytes):
        address = os.fsdecode(address)
    return f"unix:{address}" if isinstance(address, str) else None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Report:
    """Watches a whole run of pytest and writes what came of it."""

    def __init__(self, package: Path, file: Path) -> None:
        self._file, self._block = file, watching(package)
        self._watch = self._block.__enter__()
        self._passed, self._failed = 0, dict[str, str]()

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed[report.nodeid] = _why(report)
        elif report.when == "call" and report.passed:
            self._passed += 1

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed[report.nodeid] = _why(report)

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        self._block.__exit__(None, None, None)
        seen = {**self._watch.seen(), "passed": self._passed, "failed": self._failed}
        self._file.write_text(json.dumps(seen), encoding="utf-8")


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    said = crash.message if crash is not None else report.longreprtext.strip().rpartition("\n")[2]
    return " ".join(str(said).split())[:300]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    parser.addoption("--crm-watch", metavar="PACKAGE", help="folder of the package that is watched")
    parser.addoption("--crm-watched", metavar="FILE", help="where to write what it did, as JSON")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin before any conftest.py, and so any plugin, is imported."""
    asked = early_config.known_args_namespace
    if asked.crm_watch and asked.crm_watched:
        early_config.pluginmanager.register(_Report(Path(asked.crm_watch), Path(asked.crm_watched).absolute()))
