"""Answers that leave in one piece."""

from __future__ import annotations

import asyncio
from typing import Any

from crmcore.http.whole import _Holding


class Wire:
    """A transport that notes what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> Any:
        return name


async def test_head_and_body_leave_in_one_write() -> None:
    """A system call less, and a client that is woken once."""
    wire = Wire()
    held = _Holding(wire, asyncio.get_running_loop())
    held.write(b"HTTP/1.1 200 OK\r\n\r\n")
    held.write(b"{}")
    assert [b"HTTP/1.1 200 OK\r\n\r\n{}"] == wire.written


async def test_a_head_whose_body_is_long_in_coming_does_not_wait() -> None:
    """A stream's client learns at once that it has begun."""
    wire = Wire()
    held = _Holding(wire, asyncio.get_running_loop())
    held.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert [] == wire.written
    await asyncio.sleep(0)
    assert [b"HTTP/1.1 200 OK\r\n\r\n"] == wire.written
    held.write(b"chunk")
    assert [b"HTTP/1.1 200 OK\r\n\r\n", b"chunk"] == wire.written


async def test_a_head_that_is_held_leaves_before_the_connection_closes() -> None:
    """Nothing is lost when a handler ends the connection right after the head."""
    wire = Wire()
    held = _Holding(wire, asyncio.get_running_loop())
    held.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    held.close()
    assert ([b"HTTP/1.1 204 No Content\r\n\r\n"], True) == (wire.written, wire.closed)
    assert "peername" == held.get_extra_info("peername")
