"""A server that is measured: how it is started, and how its clients ask for the six operations."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tests.benchmarks.operations import Operation, Values

__all__ = ["Peer", "Running", "free_port", "post", "process"]

_START = 60.0


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Attributes:

        pid: its process; what is below it counts as part of it.
        port: where it listens, on 127.0.0.1.
        headers: what each request carries beside the usual.
    """

    pid: int
    port: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Peer(Protocol):
    """A server that is measured."""

    name: str

    def document(self, operation: Operation) -> str:
        """Return the operation in this server's schema."""

    def variables(self, operation: Operation, values: Values) -> dict[str, Any]:
        """Return one request's variables."""

    def running(self, log: Path) -> Any:
        """Return a context that runs the server and gives a `Running`; what it prints goes to `log`."""


def post(peer: Peer, running: Running, operation: Operation, values: Values) -> bytes:
    """Write a whole HTTP request."""
    body = msgspec.json.encode({"query": peer.document(operation), "variables": peer.variables(operation, values)})
    headers = {
        "Host": f"127.0.0.1:{running.port}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Content-Length": str(len(body)),
        **running.headers,
    }
    return (
        "".join(["POST /graphql HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in headers.items()), "\r\n"]).encode() + body
    )


@contextmanager
def process(
    command: Sequence[str],
    port: int,
    log: Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Run a server until the block ends; gives its process id once it takes connections.

    Raises:

        RuntimeError: it ended, or it does not listen within a minute; the message holds what it printed.
    """
    with log.open("wb") as out:
        running = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env={**os.environ, **(environment or {})}
        )
        try:
            _await(running, port, log)
            yield running.pid
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _await(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START
    while running.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = log.read_text("utf-8", errors="replace")[-3000:]
    msg = f"{running.args!r} does not listen on port {port}. It said: {said}"
    raise RuntimeError(msg)
