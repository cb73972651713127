"""Processes that are kept running: whatever kills one, the next one starts; none outlives the run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Protocol

import msgspec

from tests.faults.nursery import Order
from tests.faults.parenthood import die_with_parent

__all__ = ["Process", "Service", "crm", "end", "program"]

#: Seconds between two looks whether it still runs.
_LOOK = 0.03
#: Seconds until what ended by itself is started again; doubled while it goes on ending at once, up to the second.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
#: Seconds that a process gets to end when it is asked to.
_FAREWELL = 25.0


class Process(Protocol):
    """A process that was started."""

    @property
    def pid(self) -> int:
        """Its id."""
        ...

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        ...


def program(
    words: Sequence[str], log: Path, environment: Mapping[str, str], user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start any program in a session of its own; its output goes to a log, beside which it runs."""
    with log.open("ab") as output:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            user=user,
            cwd=log.parent,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, which takes no lock
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class crm:  # noqa: N801 - the command's name
    """A process of the command `crm`, made by the nursery.

    Args:

        nursery: its socket.
        words: of the command line, without `crm`.
        log: where output goes.
        environment: its variables.
    """

    def __init__(self, nursery: Path, words: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(nursery))
        self._socket.sendall(msgspec.json.encode(Order(tuple(words), dict(environment), str(log))) + b"\n")
        self._said = b""
        while b"\n" not in self._said:
            self._said += self._socket.recv(64)
        self.pid = int(self._said.split(b"\n")[0])
        self._socket.setblocking(False)

    def poll(self) -> int | None:
        """See `Process`."""
        with suppress(BlockingIOError):
            self._said += self._socket.recv(64)
        lines = self._said.split(b"\n")
        if len(lines) < 3:
            return None
        self._socket.close()
        return int(lines[1])


@dataclass
class Service:
    """One process of the system under test, started again whenever it has ended.

    Args:

        name: for reports (`server-1`).
        launch: starts it.

    Attributes:

        starts: how often it was started.
    """

    name: str
    launch: Callable[[], Process]
    starts: int = 0
    _process: Process | None = None
    _code: int | None = None
    _keeper: asyncio.Task[None] | None = None
    _paused: bool = False
    _launched: float = 0.0

    @property
    def pid(self) -> int | None:
        """The process's id, None while there is none."""
        return self._process.pid if self._process is not None and self._ended() is None else None

    @property
    def age(self) -> float:
        """Seconds since it was started last."""
        return monotonic() - self._launched

    @property
    def at_fault(self) -> bool:
        """Whether it can be the next one that something happens to: it runs and is not paused."""
        return self.pid is not None and not self._paused

    def start(self) -> None:
        """Begin to keep it running."""
        self._launch()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep-{self.name}")

    async def stop(self, *, gently: bool = False) -> int | None:
        """End it for good, by SIGTERM if gently; return its exit code."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self.resume()
        if gently and self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)
            await self._end(_FAREWELL)
        self.kill()
        await self._end(_FAREWELL)
        return self._code

    def kill(self) -> None:
        """Send SIGKILL to it and to all of its process group."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def pause(self) -> None:
        """Stop it in its tracks, as a virtual machine that is moved; to others it looks dead."""
        if self.pid is not None:
            self._paused = True
            os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on, unaware of the time that has passed."""
        if self._paused and self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)
        self._paused = False

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            await asyncio.sleep(_LOOK)
            if (code := self._ended()) is None:
                continue
            if code == -signal.SIGKILL:
                pause = _FIRST_PAUSE
            else:
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE, 2 * pause)
            self._launch()

    async def _end(self, seconds: float) -> None:
        until = monotonic() + seconds
        while self.pid is not None and monotonic() < until:  # noqa: ASYNC110 - nothing tells of it but a look
            await asyncio.sleep(_LOOK)

    def _ended(self) -> int | None:
        if self._code is None and self._process is not None:
            self._code = self._process.poll()
        return self._code

    def _launch(self) -> None:
        self.starts += 1
        self._launched = monotonic()
        self._code, self._paused = None, False
        self._process = self.launch()
