"""`crm token`: keys that programs act with."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from crmcore.cli.output import as_json_option, show, show_json
from crmcore.cli.people import find_person
from crmcore.cli.running import operator, with_crm

if TYPE_CHECKING:
    from crmcore.access.tokens import IssuedToken
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["command"]

_LIST = """
    select t.id, t.prefix, t.label, u.name, u.email, t.scopes, t.expires_at, t.last_used_at, t.revoked_at
    from crm_token t join crm_user u on u.id = t.user_id order by t.created_at desc, t.id desc
"""


@click.group("token")
def command() -> None:
    """Keys that programs act with."""


@command.command()
@click.argument("person")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.option(
    "--scope", "scopes", multiple=True, help="Limit it, as in customer:read or deal:*; may be given several times."
)
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends; it does not end if left out.")
@as_json_option
@with_crm
async def issue(crm: Crm, person: str, label: str, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a token, and print it this once.

    It acts in the name of PERSON, an e-mail address or an id, and may do what they may unless --scope limits it.
    """
    from crmcore.access import tokens
    from crmcore.access.narrowing import EVERY_RIGHT

    async def unit(work: Work) -> IssuedToken:
        user = await find_person(work, person)
        expires_at = work.now + timedelta(days=days) if days else None
        return await tokens.issue(work, user["id"], label, scopes or (EVERY_RIGHT,), expires_at)

    made = await crm.run(operator(), unit)
    if as_json:
        show_json(
            {
                "id": made.id,
                "token": made.secret,
                "label": made.label,
                "scopes": made.scopes,
                "expiresAt": made.expires_at,
            }
        )
        return
    click.echo(made.secret)
    click.echo(f"Keep it now: it is not shown again. It is {made.id}; crm token revoke ends it.", err=True)


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Revoked ones too.")
@as_json_option
@with_crm
async def list_(crm: Crm, every: bool, as_json: bool) -> None:
    """List the tokens, not their secrets."""
    from crmcore.database import ids

    rows = [
        {
            "id": ids.encode("token", token_id),
            "starts": f"{prefix}…",
            "label": label,
            "person": email or name,
            "scopes": json.loads(scopes),
            "expires": expires_at,
            "lastUsed": last_used_at,
            "revoked": revoked_at,
        }
        for token_id, prefix, label, name, email, scopes, expires_at, last_used_at, revoked_at in await crm.database.fetch(
            _LIST
        )
        if every or revoked_at is None
    ]
    show(rows, as_json, "There are no tokens; crm token issue PERSON makes one.")


@command.command()
@click.argument("token")
@with_crm
async def revoke(crm: Crm, token: str) -> None:
    """End a token at once.

    TOKEN is its id (token_…). Those that were made with it end too.
    """
    from crmcore.access import tokens
    from crmcore.database import ids
    from crmcore.errors import NotFound

    token_id = ids.parse(token, "token")
    ended = await tokens.revoke(crm.database, token_id)
    if not ended:
        message = f"There is no token {token} that still counts; crm token list shows them."
        raise NotFound(message)
    click.echo(f"{ended} token{'s' if ended > 1 else ''} ended.")
