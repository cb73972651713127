"""A receiver of webhooks that fails as receivers do: it refuses, it takes a message and does not say so, it is slow."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.faults.http import bare

__all__ = ["Endpoint", "Receiver"]

#: Of a hundred messages, how many are refused, and how many are taken without an answer.
_REFUSED, _SILENT = 20, 10


@dataclass
class Endpoint:
    """One address of the receiver.

    Attributes:

        secret: what messages are signed with, as the CRM gave it.
        told: how often each message came and was taken, by its id.
        first: record id and message id, in the order in which messages were taken for the first time.
        forged: what is wrong with messages that are not what they should be.
    """

    secret: str = ""
    told: Counter[str] = field(default_factory=Counter)
    first: list[tuple[str, str]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)


class Receiver:
    """Listens on this machine; `/loose` and `/ordered` are its endpoints."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._server: asyncio.Server | None = None
        self.endpoints = {"loose": Endpoint(), "ordered": Endpoint()}

    def url(self, endpoint: str) -> str:
        """Return the address of an endpoint."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{endpoint}"

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                while (status := self._take(*await _request(reader))) is not None:
                    writer.write(f"HTTP/1.1 {status} -\r\ncontent-length: 0\r\n\r\n".encode())
                    await writer.drain()
        finally:
            writer.transport.abort()

    def _take(self, name: str, headers: dict[str, str], body: bytes) -> int | None:
        chance = self._random.randrange(100)
        if chance < _REFUSED:
            return 503
        endpoint, id = self.endpoints[name], headers["webhook-id"]
        if not _genuine(endpoint.secret, headers, body):
            endpoint.forged.append(f"message {id} has a wrong signature")
            return 400
        message: dict[str, Any] = json.loads(body)
        if bare(message["data"]["event"]["id"]) != bare(id):
            endpoint.forged.append(f"message {id} tells of event {message['data']['event']['id']}")
        id = bare(id)
        if id not in endpoint.told:
            endpoint.first.append((message["data"]["id"], id))
        endpoint.told[id] += 1
        return None if chance < _REFUSED + _SILENT else 204


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return first.split()[1].lstrip("/"), headers, body


def _genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    return f"v1,{b64encode(digest).decode()}" in headers["webhook-signature"].split()
