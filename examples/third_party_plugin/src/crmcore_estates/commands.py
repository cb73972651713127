"""What the plugin adds to the command line."""

from __future__ import annotations

import json
from typing import Any

import click
from crmcore import Actor, Crm
from crmcore.cli import with_crm

__all__ = ["offered"]

_OFFERED = (
    "{ estatesOffered(first: 200) { nodes { id title city price { amount currency } viewings { totalCount } } } }"
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def offered(crm: Crm, as_json: bool) -> None:
    """Show what is on offer, at most 200, the newest first."""
    answer = await crm.execute(_OFFERED, actor=Actor.system("crm estates offered"))
    estates = answer["data"]["estatesOffered"]["nodes"]
    click.echo(json.dumps(estates, ensure_ascii=False) if as_json else "\n".join(map(_line, estates)))


def _line(estate: dict[str, Any]) -> str:
    price = f"{estate['price']['amount']} {estate['price']['currency']}"
    return f"{price:>20}  {estate['title']}, {estate['city']}  ({estate['viewings']['totalCount']} viewings)"
