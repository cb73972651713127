"""What an event costs: processor time of a create without events, with its event, and with one after-handler as well.

    python -m tests.benchmarks.events sqlite:///crm.db
    python -m tests.benchmarks.events postgresql://user:password@host/name

It is the processor time of the server's process for a whole GraphQL mutation, without HTTP (which costs the same whether
there are events or not, and would make the share look smaller). The three ways take turns, so that a machine that is busy
with other things disturbs them alike; the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from statistics import median

import click

from crmcore import Actor, Crm, Settings, after, app, hookimpl
from crmcore.customers.events import CustomerCreated
from crmcore.events import Handlers
from crmcore.events.flush import Caused
from crmcore.graphql.requests.execute import execute

__all__ = ["measure"]

_MUTATION = """
    mutation ($data: CreateCustomerInput!) {
        createCustomer(data: $data) { __typename ... on Customer { id displayName createdAt } }
    }
"""
_DATA = {"kind": "PERSON", "givenName": "Ada", "familyName": "Lovelace", "jobTitle": "Analyst", "country": "GB"}


class Ears:
    """A plugin with one after-handler."""

    plugin_name = "ears"

    @staticmethod
    @hookimpl
    def crm_handlers() -> Iterable[object]:
        """Tell somebody."""
        return [after(CustomerCreated, hear)]


async def hear(crm: Crm, event: CustomerCreated) -> None:
    """Do nothing."""


async def _no_flush(*_: object) -> Caused:
    return Caused.NOTHING


async def measure(url: str, rounds: int = 40, creates: int = 100) -> Mapping[str, float]:
    """Return microseconds of processor time for one create, by what it causes.

    Args:

        url: a database that may be filled.
        rounds: how often each way is measured.
        creates: how many in a round.
    """
    crm = Crm(Settings(database=url), plugins=[Ears], installed=False)
    await crm.start(migrate="always")
    flush, deaf, handlers = app.flush, Handlers(h for h in crm.declared.handlers if h.plugin != "ears"), crm.handlers
    ways = {"nothing": (_no_flush, deaf), "event": (flush, deaf), "event and job": (flush, handlers)}
    found: dict[str, list[float]] = {way: [] for way in ways}
    try:
        for _ in range(rounds):
            for way, (app.flush, crm.handlers) in ways.items():  # type: ignore[assignment]
                found[way].append(await _round(lambda: _create(crm), creates))
    finally:
        app.flush = flush
        await crm.stop()
    return {way: median(times[2:]) for way, times in found.items()}


async def _round(create: Callable[[], Awaitable[None]], creates: int) -> float:
    gc.collect()
    started = time.process_time()
    for _ in range(creates):
        await create()
    return (time.process_time() - started) / creates * 1e6


async def _create(crm: Crm) -> None:
    answer = await execute(crm, _MUTATION, {"data": _DATA}, None, Actor.system(), "request")
    if b'"id"' not in answer.body:
        raise RuntimeError(answer.body)


def main() -> None:
    """Measure and print."""
    found = asyncio.run(measure(sys.argv[1]))
    for way, microseconds in found.items():
        click.echo(f"{way:15} {microseconds:7.0f} µs  {microseconds / found['nothing']:.2f}")


if __name__ == "__main__":
    main()
