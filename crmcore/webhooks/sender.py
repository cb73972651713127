"""One request to somebody else's server: what was answered, or why nothing was, within bounds of time and size.

httpcore and not httpx: a redirect is not followed, no proxy is taken from the environment, no cookie is kept.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from time import perf_counter
from types import TracebackType

from httpcore import AsyncConnectionPool, NetworkError, ProtocolError, Response, TimeoutException, UnsupportedProtocol

from crmcore.webhooks.answer import Answer
from crmcore.webhooks.guard import GuardedNetwork, NotAllowed
from crmcore.webhooks.settings import WebhooksSettings

__all__ = ["Sender"]

#: Bytes of an answer that are read, and characters of it that are kept.
_READ, _KEPT = 16 * 1024, 1024


class Sender:
    """Sends messages; connections are kept for a while and used again.

    Args:

        settings: bounds, and which networks are allowed.
    """

    def __init__(self, settings: WebhooksSettings) -> None:
        self._seconds = settings.timeout
        self._pool = AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=settings.connections,
            max_keepalive_connections=settings.connections,
            keepalive_expiry=15.0,
            network_backend=GuardedNetwork(settings.networks),
        )

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post JSON; every failure of the other side, of the network and of the address is an `Answer`."""
        started = perf_counter()
        status: int | None = None
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._pool.stream("POST", url, headers=_headers(headers), content=body) as response,
            ):
                status = response.status
                text = await _beginning(response)
        except (TimeoutError, TimeoutException):
            error = f"There was no whole answer within {self._seconds:g} seconds."
        except (NotAllowed, NetworkError, ProtocolError, UnsupportedProtocol, OSError, ValueError) as problem:
            # ValueError: what h11 and anyio make of addresses and answers that are none.
            error = str(problem) or type(problem).__name__
        else:
            took = perf_counter() - started
            return Answer(took, status, text, _retry_after(response), _fault(response))
        return Answer(perf_counter() - started, status, error=error)


def _headers(given: Mapping[str, str]) -> list[tuple[str, str]]:
    # An answer that is not compressed can be cut anywhere.
    own = {"content-type": "application/json", "user-agent": "crmcore-webhooks", "accept-encoding": "identity"}
    return list({**own, **given}.items())


async def _beginning(response: Response) -> str:
    found = bytearray()
    async for part in response.aiter_stream():
        found += part
        if len(found) >= _READ:
            break
    # PostgreSQL stores no U+0000.
    return found.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:_KEPT]


def _fault(response: Response) -> str | None:
    if 200 <= response.status < 300:
        return None
    if 300 <= response.status < 400:
        where = _header(response, b"location") or "nowhere"
        return f"The server redirects to {where[:200]}, which is not followed; change the endpoint's url."
    return f"The server answered {response.status}."


def _retry_after(response: Response) -> float | None:
    said = _header(response, b"retry-after")
    return float(said) if said is not None and said.isascii() and said.isdigit() and len(said) < 9 else None


def _header(response: Response, name: bytes) -> str | None:
    return next((v.decode("latin-1") for n, v in response.headers if n.lower() == name), None)
