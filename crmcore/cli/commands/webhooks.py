"""`crm webhooks`: other people's servers that are told of what happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.output import as_json_option, show
from crmcore.cli.running import operator, with_crm

if TYPE_CHECKING:
    from datetime import datetime

    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["command"]

_LIST = """
    select e.id, e.url, e.event_types, e.enabled, e.failing_since, e.disabled_reason,
        (select count(*) from crm_webhook_delivery d where d.endpoint_id = e.id and d.state = 'WAITING') as waiting,
        (select count(*) from crm_webhook_delivery d where d.endpoint_id = e.id and d.state = 'FAILED') as failed
    from crm_webhook_endpoint e where e.deleted_at is null order by e.id
"""
_DELIVERIES = """
    select d.attempted_at, d.event_type, d.record, d.state, d.attempts, d.status, d.milliseconds, d.next_at, d.error,
        d.message_id
    from crm_webhook_delivery d where {where} order by d.id desc limit {limit}
"""


@click.group("webhooks")
def command() -> None:
    """Other people's servers that are told of what happens here."""


@command.command("list")
@as_json_option
@with_crm
async def list_(crm: Crm, as_json: bool) -> None:
    """List the endpoints, with how many messages wait and how many have failed for good."""
    import json

    from crmcore.database import ids

    rows = [
        {
            "id": ids.encode("webhook_endpoint", row["id"]),
            "url": row["url"],
            "eventTypes": json.loads(row["event_types"]),
            "enabled": bool(row["enabled"]),
            "waiting": row["waiting"],
            "failed": row["failed"],
            "failingSince": row["failing_since"],
            "disabledReason": row["disabled_reason"],
        }
        for row in await crm.database.fetch_dicts(_LIST)
    ]
    show(rows, as_json, "There are no endpoints; the mutation createWebhookEndpoint makes one.")


@command.command()
@click.argument("endpoint", required=False)
@click.option("--failed", is_flag=True, help="Only those that were given up.")
@click.option("--lines", "-n", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@as_json_option
@with_crm
async def deliveries(crm: Crm, endpoint: str | None, failed: bool, lines: int, as_json: bool) -> None:
    """Show the log of deliveries, the newest first: of ENDPOINT (webhook_endpoint_…), or of all."""
    from crmcore.database import ids

    conditions, values = ["1 = 1"], []
    if endpoint is not None:
        values.append(ids.parse(endpoint, "webhook_endpoint"))
        conditions.append("d.endpoint_id = $1")
    if failed:
        conditions.append("d.state = 'FAILED'")
    sql = _DELIVERIES.format(where=" and ".join(conditions), limit=lines)
    rows = [_shown(row) for row in await crm.database.fetch_dicts(sql, *values)]
    show(rows, as_json, "Nothing was delivered.")


@command.command()
@click.argument("endpoint")
@click.option("--since", required=True, metavar="INSTANT", help="Events from then on, as in 2026-05-01T00:00:00Z.")
@click.option("--until", metavar="INSTANT", help="Events before then; now if left out.")
@click.option("--delivered-too", is_flag=True, help="What was delivered already, too; a receiver knows it by its id.")
@with_crm
async def replay(crm: Crm, endpoint: str, since: str, until: str | None, delivered_too: bool) -> None:
    """Send ENDPOINT (webhook_endpoint_…) the events of some time that it was not told of."""
    from crmcore.database import ids
    from crmcore.webhooks.actions import WebhookReplay, replay_webhook_events

    endpoint_id = ids.parse(endpoint, "webhook_endpoint")
    begin, end = _instant("--since", since), None if until is None else _instant("--until", until)

    async def unit(work: Work) -> WebhookReplay:
        return await replay_webhook_events(work, endpoint_id, begin, end, delivered_too)

    put = await crm.run(operator(), unit)
    click.echo(f"A worker sends them: job {ids.encode('job', put.job)}.")


@command.command()
@click.argument("endpoint")
@with_crm
async def test(crm: Crm, endpoint: str) -> None:
    """Send ENDPOINT (webhook_endpoint_…) a message of the type webhooks.test now, and say what it answers."""
    from crmcore.database import ids
    from crmcore.webhooks.trying import try_now

    answer = await try_now(crm, ids.parse(endpoint, "webhook_endpoint"))
    if answer.error is not None:
        raise click.ClickException(answer.error)
    click.echo(f"The server answered {answer.status} in {answer.seconds * 1000:.0f} ms.")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": row["attempted_at"],
        "eventType": row["event_type"],
        "record": row["record"],
        "state": row["state"].lower(),
        "attempts": row["attempts"],
        "status": row["status"],
        "milliseconds": row["milliseconds"],
        "nextAt": row["next_at"],
        "error": row["error"],
        "messageId": row["message_id"],
    }


def _instant(option: str, text: str) -> datetime:
    from crmcore.database import instants

    try:
        return instants.parse(text)
    except ValueError as problem:
        message = f"{problem}"
        raise click.BadParameter(message, param_hint=option) from None
