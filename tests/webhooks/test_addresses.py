"""Which addresses may be asked."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from crmcore.webhooks.addresses import networks, refused
from crmcore.webhooks.guard import GuardedNetwork, NotAllowed

INTERNAL = """
    127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 255.255.255.255
    :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1 2001::1 2002:7f00:1::1 3fff::1
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1
    100::1 5f00::1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 172.32.0.1 100.128.0.1 2606:4700::1111 2a00:1450:4001:800::200e ::ffff:8.8.8.8 64:ff9b::808:808".split()


@pytest.mark.parametrize("address", INTERNAL)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    """Private, loopback, link-local, unique local, multicast, metadata, and any of them inside an IPv6 address."""
    assert refused(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    """The rest of the internet is reached."""
    assert not refused(address)


def test_a_setting_allows_networks() -> None:
    """What an operator allows is allowed, in its IPv6 form too, and nothing beside it."""
    allowed = networks(["10.1.0.0/16", "fd00:1::/32"])
    found = [refused(a, allowed) for a in ("10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5", "10.2.0.1", "fd00:2::1")]
    assert [False, False, False, True, True] == found


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "017700000001", "[::1]", "0"])
async def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    """What counts is the address that the resolver makes of a name, however it is written."""
    with pytest.raises(NotAllowed, match="no public address"):
        await GuardedNetwork().connect_tcp(host.strip("[]"), 9, 0.2)


async def test_a_name_with_one_private_address_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads here and elsewhere is somebody's game; no address of it is tried."""
    _resolving(monkeypatch, [["93.184.215.14", "10.0.0.5"]])
    with pytest.raises(NotAllowed, match=r"rebind\.example is at 10\.0\.0\.5"):
        await GuardedNetwork().connect_tcp("rebind.example", 80, 0.2)


async def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes between check and connection gains nothing: it is resolved once, and the address passed on."""
    asked = _resolving(monkeypatch, [["93.184.215.14"], ["127.0.0.1"]])
    guard, reached = GuardedNetwork(), []

    async def connect(host: str, *_: Any) -> Any:
        reached.append(host)

    monkeypatch.setattr(guard._inner, "connect_tcp", connect)
    await guard.connect_tcp("rebind.example", 80, 0.2)
    assert (["rebind.example"], ["93.184.215.14"]) == (asked, reached)


def _resolving(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]) -> list[str]:
    """Have the resolver give these answers, one after the other; return the names it is asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[len(asked) - 1]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked
