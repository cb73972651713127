"""`crm role`: what people may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crmcore.cli.output import as_json_option, show
from crmcore.cli.people import find_person
from crmcore.cli.running import operator, with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["command"]

_LIST = """
    select r.id, r.key, r.name, r.everything, count(distinct a.user_id) as people
    from crm_role r left join crm_role_assignment a on a.role_id = r.id and a.deleted_at is null
    where r.deleted_at is null group by r.id, r.key, r.name, r.everything order by r.key
"""
_PERMISSIONS = "select role_id, permission, scope from crm_role_permission where deleted_at is null order by permission"


@click.group("role")
def command() -> None:
    """What people may do."""


@command.command("list")
@as_json_option
@with_crm
async def list_(crm: Crm, as_json: bool) -> None:
    """List the roles.

    With --json their permissions too.
    """
    permitted: dict[object, dict[str, str]] = {}
    for role_id, permission, scope in await crm.database.fetch(_PERMISSIONS):
        permitted.setdefault(role_id, {})[permission] = scope
    rows = []
    for role_id, key, name, everything, people in await crm.database.fetch(_LIST):
        given = permitted.get(role_id, {})
        permissions = given if as_json else "everything" if everything else f"{len(given)} permissions"
        shown = {"key": key, "name": name, "people": people, "everything": bool(everything), "permissions": permissions}
        rows.append(shown if as_json else {k: v for k, v in shown.items() if k != "everything"})
    show(rows, as_json, "There are no roles; crm migrate makes the default ones.")


@command.command()
@click.argument("person")
@click.argument("role")
@with_crm
async def assign(crm: Crm, person: str, role: str) -> None:
    """Give somebody a role.

    PERSON is an e-mail address or an id, ROLE a role's key (crm role list).
    """
    from crmcore.access import accounts

    async def unit(work: Work) -> str:
        user = await find_person(work, person)
        await accounts.give_role(work, user["id"], role)
        return str(user["name"])

    click.echo(f"{await crm.run(operator(), unit)} has the role {role}.")


@command.command()
@click.argument("person")
@click.argument("role")
@with_crm
async def revoke(crm: Crm, person: str, role: str) -> None:
    """Take a role from somebody.

    PERSON is an e-mail address or an id, ROLE a role's key (crm role list).
    """
    from crmcore.access import accounts

    async def unit(work: Work) -> tuple[str, bool]:
        user = await find_person(work, person)
        return str(user["name"]), await accounts.take_role(work, user["id"], role)

    name, had = await crm.run(operator(), unit)
    click.echo(f"{name} no longer has the role {role}." if had else f"{name} did not have the role {role}.")
