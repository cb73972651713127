"""What a run of the plugin's own tests shows: they pass, and the plugin does nothing meanwhile that it has not declared."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from fnmatch import fnmatchcase

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.plugins.capabilities import Capabilities

__all__ = ["its_tests_pass", "what_it_connects_to_is_declared", "what_it_reads_of_the_environment_is_declared"]


@rule(Tier.SILVER)
async def its_tests_pass(subject: Subject) -> AsyncIterator[Shortfall]:
    """Tests that fail, or that are not there, say nothing about the next version."""
    evidence = subject.evidence
    for test, why in evidence.failed.items():
        yield Shortfall(f"{test} fails: {why}", "Run `python -m pytest` in the source tree and mend it.")


@rule(Tier.SILVER)
async def what_it_connects_to_is_declared(subject: Subject) -> AsyncIterator[Shortfall]:
    """An operator decides by `capabilities.toml` whether to let a plugin in; a host that is not named there is a surprise.

    While the plugin's own tests run, every connection and look-up that its code causes is noted. A server on this machine
    stands in for those that are declared; where none is, it is one too many. This is no sandbox: code that hides is not seen.
    """
    said = subject.capabilities or Capabilities()
    for contact in subject.evidence.network:
        if not _covered(contact.host, said.network):
            yield Shortfall(
                f"{contact.where} connects to {contact.host}, which capabilities.toml does not name.",
                f'Write in capabilities.toml: network = ["{contact.host}"], or "setting:<field>" where an operator names the host; '
                "or do without.",
            )


@rule(Tier.SILVER)
async def what_it_reads_of_the_environment_is_declared(subject: Subject) -> AsyncIterator[Shortfall]:
    """Variables of the environment hold what other programs keep secret; what a plugin needs it is given as a setting.

    While the plugin's own tests run, every variable is noted that its code reads by itself. Where an operator names one in
    a setting, a test names one that begins with `TEST_`.
    """
    said = subject.capabilities or Capabilities()
    for reading in subject.evidence.environment:
        if not _declared(reading.name, said.environment):
            yield Shortfall(
                f"{reading.where} reads the environment variable {reading.name}, which capabilities.toml does not name.",
                f"Declare a setting by crm_settings, which CRM_{subject.name.upper()}_<FIELD> sets too; or write in "
                f'capabilities.toml: environment = ["{reading.name}"], or "setting:<field>" where an operator names it.',
            )


def _declared(name: str, declared: tuple[str, ...]) -> bool:
    of_operators = any(said.startswith("setting:") for said in declared)
    return name in declared or (of_operators and name.startswith("TEST_"))


def _covered(host: str, declared: tuple[str, ...]) -> bool:
    if any(fnmatchcase(host.lower(), pattern.lower()) for pattern in declared):
        return True
    # A test has a server of its own for what is declared; and for a host that operators name it names one that is nobody's.
    of_operators = any(name.startswith("setting:") for name in declared)
    return (bool(declared) and _is_here(host)) or (of_operators and host.lower().endswith(_NOBODYS))


#: Names that nobody can have (RFC 2606, RFC 6761).
_NOBODYS = (".example", ".example.com", ".example.net", ".example.org", ".invalid", ".test", ".localhost")


def _is_here(host: str) -> bool:
    if host == "localhost" or host.startswith("unix:"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
