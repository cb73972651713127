"""Load on an HTTP server: connections that each send the next request when the last one is answered.

One epoll loop on raw sockets, because a client library would cost more than some of the servers. Every answer is looked
into: GraphQL servers answer 200 with `errors` when they run out of something.
"""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle
from time import perf_counter
from uuid import uuid4

import msgspec

__all__ = ["FRESH", "Asked", "Load", "drive"]

#: Stands in a request for an id that no other request has.
FRESH = "ffffffff-ffff-4fff-8fff-ffffffffffff"

_READ = 1 << 18
#: Seconds that a server gets for what is under way at the end.
_PATIENCE = 60.0


class Asked(msgspec.Struct, frozen=True):
    """What to send.

    Attributes:

        address: host and port.
        requests: whole HTTP requests, sent in turn.
        connections: how many at once, kept alive.
        seconds: for how long new ones are sent.
        mark: bytes that every good answer holds.
    """

    address: tuple[str, int]
    requests: list[bytes]
    connections: int
    seconds: float
    mark: bytes


class Load(msgspec.Struct, frozen=True):
    """What came of it.

    Attributes:

        seconds: from the first request to the last answer.
        latencies: milliseconds of every good answer.
        failures: how many answers were not good.
        failure: one of them.
        received: bytes.
    """

    seconds: float
    latencies: list[float]
    failures: int
    failure: str
    received: int


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.missing = -1
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.buffer, self.missing = b"", -1
        self.sent_at = perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what is there; say whether the answer is whole."""
        part = self.socket.recv(_READ)
        if not part:
            msg = f"The server closed a connection after {self.buffer[:300]!r}."
            raise ConnectionError(msg)
        self.buffer = self.buffer + part if self.buffer else part
        if self.missing < 0:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return False
            self.missing = head + 4 + _length(self.buffer[: head + 2])
        return len(self.buffer) >= self.missing


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        msg = f"The server does not say how long its answer is: {head[:500]!r}."
        raise ValueError(msg)
    return int(head[at + 15 : head.index(b"\r", at)])


def drive(asked: Asked) -> Load:
    """Send for the time that was asked for, and wait for what is under way at the end."""
    poll, connections = select.epoll(), {}
    for _ in range(asked.connections):
        one = _Connection(asked.address)
        connections[one.socket.fileno()] = one
        poll.register(one.socket.fileno(), select.EPOLLIN)
    requests, latencies, failures, received = _endless(asked.requests), list[float](), list[bytes](), 0
    began = perf_counter()
    end = began + asked.seconds
    for one in connections.values():
        one.send(next(requests))
    busy = len(connections)
    while busy:
        for number, _ in poll.poll(_PATIENCE) or _silent():
            one = connections[number]
            if not one.receive():
                continue
            now = perf_counter()
            received += len(one.buffer)
            if asked.mark in one.buffer and b'"errors":' not in one.buffer:
                latencies.append((now - one.sent_at) * 1000)
            else:
                failures.append(one.buffer)
            if now < end:
                one.send(next(requests))
            else:
                busy -= 1
    seconds = perf_counter() - began
    for one in connections.values():
        one.socket.close()
    shown = failures[0][:2000].decode(errors="replace") if failures else ""
    return Load(seconds, latencies, len(failures), shown, received)


def _endless(requests: Sequence[bytes]) -> Iterator[bytes]:
    mark = FRESH.encode()
    if mark not in requests[0]:
        return cycle(requests)
    return (request.replace(mark, str(uuid4()).encode()) for request in cycle(requests))


def _silent() -> Sequence[tuple[int, int]]:
    msg = f"The server has not answered anything for {_PATIENCE:g} s."
    raise TimeoutError(msg)


if __name__ == "__main__":
    done = drive(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Asked))
    sys.stdout.buffer.write(msgspec.msgpack.encode(done))
