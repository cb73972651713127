"""A plugin that looks a host up of which its capabilities say nothing."""

from __future__ import annotations

import socket

plugin_name = "phones"


def is_known(host: str) -> bool:
    """Say whether there is a host."""
    try:
        return bool(socket.getaddrinfo(host, 443))
    except OSError:
        return False
