"""Making a database ready to be served: new ones get their tables, an administrator and, for a demonstration, data."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from crmcore import clock
from crmcore.cli.progress import progress_shown
from crmcore.cli.running import operator

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["prepare"]

_ADMINISTRATOR = """
    select u.id from crm_user u
    join crm_role_assignment a on a.user_id = u.id join crm_role r on r.id = a.role_id
    where u.is_active and u.deleted_at is null and a.deleted_at is null and r.deleted_at is null and r.everything
    order by u.id limit 1
"""


async def prepare(crm: Crm, demo: int | None) -> str | None:
    """Start a CRM for serving.

    Args:

        crm: not started yet.
        demo: customers a demonstration shall have; None serves what is there.

    Returns:

        a token to show: the first administrator's of a new database, or a day's one of a demonstration; else None.

    Raises:

        SetupError: the database cannot be used, or lacks migrations.
    """
    # Heavy: Piccolo.
    from crmcore.access.first import issue_first_token

    await crm.start(migrate="new")
    token = await issue_first_token(crm)
    if demo is None:
        return token
    if not await crm.database.fetch_value("select 1 from customer limit 1"):
        await _fill(crm, demo)
    return token or await _token_for_today(crm)


async def _fill(crm: Crm, size: int) -> None:
    # Heavy, and needed once.
    from crmcore.interchange.seed import seed

    click.echo(f"Making demonstration data of {size} customers ...", err=True)
    with progress_shown("Demonstration data") as progress:
        await seed(crm, size=size, until=clock.now().date(), progress=progress)


async def _token_for_today(crm: Crm) -> str | None:
    from crmcore.access import tokens

    user_id = await crm.database.fetch_value(_ADMINISTRATOR)

    async def unit(work: Work) -> str | None:
        made = await tokens.issue(work, user_id, "Demonstration", expires_at=work.now + timedelta(days=1))
        return made.secret

    return await crm.run(operator(), unit) if user_id else None
