"""Which addresses a request to somebody else's server may go to: public ones, unless a setting allows more.

After the IANA registries of special-purpose addresses (RFC 6890) and what cloud providers keep beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

__all__ = ["Network", "networks", "refused"]

Network = IPv4Network | IPv6Network

_INTERNAL_V4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host, under a public address
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, abolished
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
]
#: Everything else of IPv6 is unassigned, unique local, link-local, multicast or loopback.
_PUBLIC_V6 = IPv6Network("2000::/3")
_INTERNAL_V6 = [
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols; Teredo, which has an IPv4 address inside
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which has an IPv4 address inside
        "3fff::/20",  # documentation
    )
]
#: Behind these an IPv4 address is reached (RFC 4291, section 2.5.5.2; RFC 6052, section 2.1).
_MAPPED, _NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks in CIDR form.

    Raises:

        ValueError: one is none, or has bits behind its prefix.
    """
    return tuple(ip_network(text) for text in texts)


def refused(text: str, allowed: Iterable[Network] = ()) -> bool:
    """Say whether no request may go to an address.

    Args:

        text: the address as a resolver gives it, with or without a zone (`fe80::1%eth0`).
        allowed: networks to which requests may go in spite of what they are.

    Raises:

        ValueError: it is no address.
    """
    address = _meant(ip_address(text.partition("%")[0]))
    if any(address.version == network.version and address in network for network in allowed):
        return False
    if isinstance(address, IPv4Address):
        return any(address in network for network in _INTERNAL_V4)
    return address not in _PUBLIC_V6 or any(address in network for network in _INTERNAL_V6)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
