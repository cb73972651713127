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
from benchmarks.pairs import Operation, measured
from benchmarks.sweep import swept
from crmcore import Actor, clock, ids
from crmcore.cli.quick import quick_start

_FLOOR = "insert into floor (id, points, at) values ($1, $2, $3)"
_NOTE = "mutation ($name: String!) { createTag(data: {name: $name}) { ... on Tag { id } } }"
_EARN = """mutation ($member: ID!, $currency: String!, $key: String) {
    loyaltyAccrue(memberId: $member, currency: $currency, points: "1", idempotencyKey: $key) {
        ... on LoyaltyTransaction { id }
    }
}"""

#: What is measured, in the words of the documentation.
_CALLS = {
    "earn": "each client in a transaction of its own, by ledger.accrue",
    "redeem": "each client in a transaction of its own, by ledger.redeem",
    "earn at a desk": "those who come at the same time in one transaction, by ledger.Desk.accrue",
    "redeem at a desk": "those who come at the same time in one transaction, by ledger.Desk.redeem",
}


#: The same of earning over GraphQL.
_ASKED = {
    "graphql": "all clients are one actor, as the token of a shop's tills; what comes at the same time is one transaction",
    "graphql each": "each client is an actor of its own",
    "graphql keys": "each client is an actor of its own, and each request has an idempotency key",
}


async def _rates(it: World, desk: Desk, clients: int, seconds: float, rounds: int) -> None:
    pool = await asyncpg.create_pool(it.url, min_size=clients, max_size=clients)

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

    operations = {
        "floor": floor,
        "earn": earn,
        "earn at a desk": hand_in,
        "redeem": redeem,
        "redeem at a desk": hand_out,
        **_over_graphql(it),
    }
    found = await measured(operations, clients=clients, seconds=seconds, rounds=rounds)
    await pool.close()
    click.echo(
        f"one row inserted and committed by asyncpg's pool, each client its own: {found['floor']:.0f}/s, {clients} clients"
    )
    for name, called in _CALLS.items():
        click.echo(f"{name}: {found[name]:.0f}/s, {found[name] / found['floor']:.2f} of that; {called}")
    click.echo(f"createTag over GraphQL: {found['tag']:.0f}/s")
    for name, called in _ASKED.items():
        click.echo(
            f"loyaltyAccrue over GraphQL: {found[name]:.0f}/s, {found[name] / found['tag']:.2f} of that; {called}"
        )


def _over_graphql(it: World) -> dict[str, Operation]:
    currency = ids.encode("loyalty_currency", it.currency_id)
    people: dict[random.Random, Actor] = {}

    async def earned(choice: random.Random, actor: Actor, key: str | None = None) -> None:
        member = ids.encode("loyalty_member", choice.choice(it.members))
        answer = await it.crm.execute(_EARN, {"member": member, "currency": currency, "key": key}, actor=actor)
        assert answer["data"]["loyaltyAccrue"]["id"], answer

    async def tag(_: random.Random) -> None:
        await it.crm.execute(_NOTE, {"name": str(ids.new())}, actor=SYSTEM)

    async def together(choice: random.Random) -> None:
        await earned(choice, SYSTEM)

    def person(choice: random.Random) -> Actor:
        # A stream of random numbers is a client's own, and so is who it acts as.
        return people.setdefault(choice, Actor.system(f"till {len(people)}"))

    async def each(choice: random.Random) -> None:
        await earned(choice, person(choice))

    async def keys(choice: random.Random) -> None:
        await earned(choice, person(choice), str(ids.new()))

    return {"tag": tag, "graphql": together, "graphql each": each, "graphql keys": keys}


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
