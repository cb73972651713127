"""Measure the ledger: `python -m benchmarks`, `--quick` for a minute of it."""

from __future__ import annotations

import argparse
import asyncio
import random
import time

import asyncpg
import click
from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Accrual, Desk, Redemption

from benchmarks.ground import SYSTEM, World, server, world
from benchmarks.pairs import measured
from benchmarks.sweep import swept
from crmcore import clock, ids
from crmcore.cli.quick import quick_start

_FLOOR = "insert into floor (id, points, at) values ($1, $2, $3)"
_NOTE = "mutation ($name: String!) { createTag(data: {name: $name}) { ... on Tag { id } } }"
_EARN = """mutation ($member: ID!, $currency: String!) {
    loyaltyAccrue(memberId: $member, currency: $currency, points: "1") { ... on LoyaltyTransaction { id } }
}"""

#: What is measured, in the words of the documentation.
_CALLS = {
    "earn": "each client in a transaction of its own, by ledger.accrue",
    "redeem": "each client in a transaction of its own, by ledger.redeem",
    "earn at a desk": "those who come at the same time in one transaction, by ledger.Desk.accrue",
    "redeem at a desk": "those who come at the same time in one transaction, by ledger.Desk.redeem",
}


async def _rates(it: World, desk: Desk, clients: int, seconds: float, rounds: int) -> None:
    pool = await asyncpg.create_pool(it.url, min_size=clients, max_size=clients)
    currency = ids.encode("loyalty_currency", it.currency_id)

    async def floor(_: random.Random) -> None:
        async with pool.acquire() as connection:
            await connection.execute(_FLOOR, ids.new(), 10, clock.now())

    async def earn(choice: random.Random) -> None:
        asked = Accrual(member_id=choice.choice(it.members), currency_id=it.currency_id, points=100, id=ids.new())
        await it.crm.run(SYSTEM, lambda work: ledger.accrue(work, asked), isolation="read committed")

    async def redeem(choice: random.Random) -> None:
        asked = Redemption(member_id=choice.choice(it.members), currency_id=it.currency_id, points=10, id=ids.new())
        await it.crm.run(SYSTEM, lambda work: ledger.redeem(work, asked), isolation="read committed")

    async def hand_in(choice: random.Random) -> None:
        asked = Accrual(member_id=choice.choice(it.members), currency_id=it.currency_id, points=100, id=ids.new())
        await desk.accrue(SYSTEM, asked)

    async def hand_out(choice: random.Random) -> None:
        asked = Redemption(member_id=choice.choice(it.members), currency_id=it.currency_id, points=10, id=ids.new())
        await desk.redeem(SYSTEM, asked)

    async def tag(_: random.Random) -> None:
        await it.crm.execute(_NOTE, {"name": str(ids.new())}, actor=SYSTEM)

    async def graphql(choice: random.Random) -> None:
        member = ids.encode("loyalty_member", choice.choice(it.members))
        await it.crm.execute(_EARN, {"member": member, "currency": currency}, actor=SYSTEM)

    operations = {
        "floor": floor,
        "earn": earn,
        "earn at a desk": hand_in,
        "redeem": redeem,
        "redeem at a desk": hand_out,
        "tag": tag,
        "graphql": graphql,
    }
    found = await measured(operations, clients=clients, seconds=seconds, rounds=rounds)
    await pool.close()
    click.echo(
        f"one row inserted and committed by asyncpg's pool, each client its own: {found['floor']:.0f}/s, {clients} clients"
    )
    for name, called in _CALLS.items():
        click.echo(f"{name}: {found[name]:.0f}/s, {found[name] / found['floor']:.2f} of that; {called}")
    click.echo(f"createTag over GraphQL: {found['tag']:.0f}/s")
    click.echo(f"loyaltyAccrue over GraphQL: {found['graphql']:.0f}/s, {found['graphql'] / found['tag']:.2f} of that")


async def _batch(it: World, many: int) -> None:
    started = time.perf_counter()
    for start in range(0, many, 1000):
        asked = [
            Accrual(member_id=it.members[(start + n) % len(it.members)], currency_id=it.currency_id, points=100)
            for n in range(1000)
        ]
        await it.crm.run(SYSTEM, lambda work, asked=asked: ledger.accrue_many(work, asked), isolation="read committed")
    seconds = time.perf_counter() - started
    click.echo(f"accrue_many: {many / seconds:.0f}/s, in lots of a thousand, one client")


async def _main(members: int, seconds: float, rounds: int, lots: int) -> None:
    with server() as at:
        async with world(at, "rates", members, 20) as it:
            with quick_start():  # as `crm serve` and `crm worker` are: the collector looks only at what is new
                pass
            await _batch(it, members)
            await _batch(it, members * 2)
            async with Desk(it.crm) as desk:
                await _rates(it, desk, 20, seconds, rounds)
        async with world(at, "sweep", lots // 10, 4) as it:
            done, took = await swept(it, lots)
            click.echo(f"expiry among {lots} lots: {done} transactions in {took:.1f} s, interrupted once")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Fewer members, rounds and lots.")
    quick = parser.parse_args().quick
    asyncio.run(_main(*((2_000, 2, 3, 50_000) if quick else (10_000, 5, 7, 1_000_000))))
