"""`crm events`: the change feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from crmcore.cli.output import as_json_option
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.events.feed import Page
    from crmcore.events.recorded import Recorded

__all__ = ["command"]


@click.group("events")
def command() -> None:
    """The change feed: what happened, in order."""


@command.command()
@click.option(
    "--lines", "-n", type=click.IntRange(0), default=20, show_default=True, help="How many of the last to show."
)
@click.option("--after", metavar="CURSOR", help="Show what came after this instead.")
@click.option("--type", "types", multiple=True, metavar="KEY", help="Only such, as in customer.created; several times.")
@click.option("--entity", metavar="NAME", help="Only those about records of this entity.")
@click.option("--follow", "-f", is_flag=True, help="Go on and show what comes, until Ctrl-C.")
@as_json_option
@with_crm
async def tail(
    crm: Crm, lines: int, after: str | None, types: tuple[str, ...], entity: str | None, follow: bool, as_json: bool
) -> None:
    """Show the last events, one a line; with --json all that is known of each."""
    from crmcore.events.cursor import Cursor

    _check_types(crm, types)
    cursor = Cursor.parse(after) if after is not None else await crm.feed.back(lines)

    async def show() -> Page:
        page = await crm.feed.read(cursor, types=types or None, entity=entity)
        for one in page.events:
            click.echo(_json(one) if as_json else _line(one))
        return page

    async with crm.pulse.listen() as ear:
        while True:
            page = await show()
            cursor = page.cursor
            if page.more:
                continue
            if not follow:
                return
            await ear.next(0.01 if page.unsettled else None)


@command.command()
@click.argument("event")
@with_crm
async def show(crm: Crm, event: str) -> None:
    """Show all that is known of one event, as JSON.

    EVENT is its id, which webhooks, logs and `crm events tail --json` name.
    """
    import msgspec

    from crmcore.errors import NotFound

    try:
        found = await crm.feed.event(UUID(event[-36:]))
    except ValueError:
        found = None
    if found is None:
        msg = f"There is no event {event}, or it is not kept any more."
        raise NotFound(msg)
    click.echo(msgspec.json.format(_json(found), indent=2))


@command.command()
@with_crm
async def verify(crm: Crm) -> None:
    """Check that every record's history in the feed is whole, and ends with the record as it stands."""
    from crmcore.events.verify import verify

    verdict = await verify(crm)
    for problem in verdict.problems:
        click.echo(problem)
    click.echo(
        f"{verdict.events} events of {verdict.records} records read, {len(verdict.problems)} problems.", err=True
    )
    if verdict.problems:
        raise click.exceptions.Exit(1)


def _check_types(crm: Crm, types: tuple[str, ...]) -> None:
    from crmcore.settings.reader import closest

    for key in types:
        if key not in crm.event_types:
            message = f"There is no event type {key!r}; {closest(key, list(crm.event_types))}"
            raise click.UsageError(message)


def _line(one: Recorded) -> str:
    import msgspec

    from crmcore.database import ids, instants

    who = msgspec.json.decode(one.actor)
    changed = ", ".join(msgspec.json.decode(one.was)) if one.was and one.type.endswith(".updated") else ""
    words = [instants.wire(one.at), one.type, ids.encode(one.entity, one.record_id), f"by {who['label']}", changed]
    return "  ".join(word for word in words if word).replace("\n", " ")


def _json(one: Recorded) -> str:
    import msgspec

    from crmcore.database import ids, instants

    def raw(text: str | None) -> Any:
        return None if text is None else msgspec.Raw(text.encode())

    told = {
        "cursor": str(one.cursor),
        "id": str(one.id),
        "type": one.type,
        "record": ids.encode(one.entity, one.record_id),
        "at": instants.wire(one.at),
        "actor": raw(one.actor),
        "requestId": one.request_id,
        "idempotencyKey": one.idempotency_key,
        "row": raw(one.row),
        "was": raw(one.was),
        "details": raw(one.details),
    }
    return msgspec.json.encode(told).decode()
