"""Making the same tags with the same idempotency keys as others do: `python -m tests.graphql.processes URL TAGS` in a process of its own."""

# ruff: noqa: T201 - printing is how it talks to the test

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from crmcore import Actor, Crm, Settings

MAKE = """
    mutation ($name: String!, $key: String!) {
      createTag(data: {name: $name}, idempotencyKey: $key) { ... on Tag { id } ... on Problem { code message } }
    }
"""


async def ask(crm: Crm, number: int) -> Any:
    """Ask for a tag with its key; return what was answered."""
    given = {"name": f"tag {number}", "key": f"key {number}"}
    return (await crm.execute(MAKE, given, actor=Actor.system()))["data"]["createTag"]


async def asked_twice(crm: Crm, tags: int) -> AsyncIterator[list[Any]]:
    """Ask for each tag twice; yield both answers to each key."""
    for number in range(tags):
        yield [await ask(crm, number), await ask(crm, number)]


async def main(url: str, tags: int) -> None:
    """Ask when told to, and print all answers."""
    async with Crm(Settings(database=url), installed=False) as crm:
        await crm.execute("{ __typename }", actor=Actor.system())
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        async for answers in asked_twice(crm, tags):
            print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
