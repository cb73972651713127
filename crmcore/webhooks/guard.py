"""Connections to servers of others: the name is resolved here, every address checked, and a checked one connected to.

A check before the request would be none: between it and the connection the name may lead elsewhere. What is passed on is
the address, so nothing resolves the name again; TLS still demands a certificate for the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable

from httpcore import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from crmcore.webhooks.addresses import Network, refused

__all__ = ["GuardedNetwork", "NotAllowed", "addresses_of"]


class NotAllowed(Exception):
    """The request would go where none may go."""


class GuardedNetwork(AsyncNetworkBackend):
    """Opens connections to public addresses only.

    Args:

        allowed: networks that are allowed besides.
    """

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self._allowed = tuple(allowed)
        self._inner = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]
        | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address of a host that answers.

        Raises:

            NotAllowed: one of its addresses is not public, so whoever runs the name may be playing with it.
            ConnectError: there is no such host, or it does not answer.
        """
        found = await addresses_of(host, port)
        for address in found:
            if refused(address, self._allowed):
                msg = (
                    f"{host} is at {address}, which is no public address; "
                    "an operator may allow it with the setting allowed_networks of the plugin webhooks."
                )
                raise NotAllowed(msg)
        failure = ConnectError(f"{host} has no address.")
        for address in found:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - httpcore's signature
        socket_options: object = None,  # noqa: ARG002
    ) -> AsyncNetworkStream:
        """Refuse.

        Raises:

            NotAllowed: always; a socket file is on this machine.
        """
        msg = f"{path} is a socket of this machine; no webhook goes there."
        raise NotAllowed(msg)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses a name leads to, as the system's resolver orders them.

    Raises:

        ConnectError: there is no such name.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        msg = f"{host} cannot be resolved: {problem}"
        raise ConnectError(msg) from problem
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
