"""`crm user`: people who work with the CRM."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.output import as_json_option, show
from crmcore.cli.people import find_person
from crmcore.cli.running import operator, with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["command"]

_LIST = """
    select u.id, u.name, u.email, u.is_active, c.user_id is not null as has_password
    from crm_user u left join crm_credential c on c.user_id = u.id
    where u.deleted_at is null order by u.name, u.id
"""
_ROLES = """
    select a.user_id, r.key from crm_role_assignment a join crm_role r on r.id = a.role_id
    where a.deleted_at is null and r.deleted_at is null order by r.key
"""


@click.group("user")
def command() -> None:
    """People who work with the CRM."""


@command.command()
@click.argument("email")
@click.option("--name", help="What colleagues call them; the e-mail's first part if left out.")
@click.option("--role", "roles", multiple=True, help="Key of a role, as in admin or sales; may be given several times.")
@click.option("--password", "ask", is_flag=True, help="Ask for a password to sign in with.")
@click.option("--password-stdin", "read", is_flag=True, help="Read the password from standard input, for scripts.")
@with_crm
async def create(crm: Crm, email: str, name: str | None, roles: tuple[str, ...], ask: bool, read: bool) -> None:
    """Make an account."""
    from crmcore.access import accounts
    from crmcore.database import ids

    password = _password(read) if ask or read else None

    async def unit(work: Work) -> Any:
        shown = name or email.partition("@")[0]
        return await accounts.create_user(work, name=shown, email=email, password=password, roles=roles)

    user = await crm.run(operator(), unit)
    click.echo(ids.encode("user", user["id"]))
    if password is None:
        click.echo(f"No password yet: crm user password {email}, or crm token issue {email}.", err=True)


@command.command("list")
@as_json_option
@with_crm
async def list_(crm: Crm, as_json: bool) -> None:
    """List everybody."""
    from crmcore.database import ids

    roles: dict[Any, list[str]] = {}
    for user_id, key in await crm.database.fetch(_ROLES):
        roles.setdefault(user_id, []).append(key)
    rows = [
        {
            "id": ids.encode("user", user_id),
            "name": name,
            "email": email,
            "roles": roles.get(user_id, []),
            "active": bool(active),
            "password": bool(has_password),
        }
        for user_id, name, email, active, has_password in await crm.database.fetch(_LIST)
    ]
    show(rows, as_json, "There is nobody yet; crm user create EMAIL makes an account.")


@command.command()
@click.argument("person")
@click.option("--stdin", "read", is_flag=True, help="Read the password from standard input, for scripts.")
@with_crm
async def password(crm: Crm, person: str, read: bool) -> None:
    """Set a password.

    PERSON is an e-mail address or an id. Their sessions end, their tokens stay.
    """
    from crmcore.access import accounts

    given = _password(read)

    async def unit(work: Work) -> str:
        user = await find_person(work, person)
        await accounts.set_password(work, user["id"], given)
        return str(user["name"])

    click.echo(f"{await crm.run(operator(), unit)} has a new password; their sessions ended.")


@command.command()
@click.argument("person")
@with_crm
async def deactivate(crm: Crm, person: str) -> None:
    """Shut somebody out at once.

    PERSON is an e-mail address or an id. Their sessions and tokens end; what they own stays theirs.
    """
    from crmcore.entities import actions

    async def unit(work: Work) -> str:
        user = await find_person(work, person)
        await actions.update(work, "user", user["id"], {"is_active": False})
        return str(user["name"])

    click.echo(f"{await crm.run(operator(), unit)} is out; sessions and tokens ended.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        message = "A password can be asked for only on a terminal; scripts pass it by standard input (--password-stdin, --stdin)."
        raise click.UsageError(message)
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
