"""`crm explain`: the SQL of a GraphQL operation, and how the database runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import click

from crmcore.cli.failed import Failed
from crmcore.cli.json_option import json_object
from crmcore.cli.output import as_json_option, show_json
from crmcore.cli.people import actor_of
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.graphql.planner.documents.document import Operation

__all__ = ["command"]


@click.command("explain")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--variables", metavar="JSON", help="Values of the operation's variables, or @FILE that has them.")
@click.option("--operation", metavar="NAME", help="Which operation of FILE; needed when it has several.")
@click.option(
    "--as", "person", metavar="PERSON", help="Under whose row and field rules (e-mail or id); all rights if left out."
)
@click.option("--analyze", is_flag=True, help="Run the SQL to show what each step took; PostgreSQL only.")
@as_json_option
@with_crm
async def command(
    crm: Crm,
    file: TextIO,
    variables: str | None,
    operation: str | None,
    person: str | None,
    analyze: bool,
    as_json: bool,
) -> None:
    """Show the SQL of a GraphQL operation, and how the database runs it.

    FILE has the operation, a query; - is standard input. Its parameters and the database's own plan are shown with it.
    Nothing is run unless --analyze is given.
    """
    # Heavy: GraphQL.
    from graphql import OperationType

    from crmcore.database.explaining import explained as plan_of
    from crmcore.graphql.planner.documents.document import GraphQLErrors

    if analyze and crm.database.dialect == "sqlite":
        message = "SQLite does not tell what a step took; leave --analyze out, or name a PostgreSQL database."
        raise Failed(message)
    text, given = file.read(), json_object("--variables", variables) if variables else {}
    try:
        asked = crm.documents.get(text, operation)
        if asked.definition.operation is not OperationType.QUERY:
            message = "A mutation is more than one statement; explain the query that reads what you need from it."
            raise Failed(message)
        planned, executed = _parted(crm, asked)
        explained = crm.planner.explain(planned, given, await actor_of(crm, person))
    except GraphQLErrors as refused:
        raise Failed("\n  - ".join(error.message for error in refused.errors)) from None
    if explained.errors:
        raise Failed("\n  - ".join(error.message for error in explained.errors))
    plan = await plan_of(crm.database, explained.sql, explained.parameters, run=analyze) if explained.sql else ""
    if as_json:
        parameters = [None if value is None else str(value) for value in explained.parameters]
        show_json({"sql": explained.sql, "parameters": parameters, "plan": plan.splitlines(), "python": executed})
        return
    click.echo(explained.sql or "-- No database is needed.")
    for number, value in enumerate(explained.parameters, 1):
        click.secho(f"-- ${number} = {value!r}", dim=True)
    for key in executed:
        click.secho(
            f"-- {key}: Python resolvers answer it, or parts of it; extensions.plan shows what they run.", dim=True
        )
    for line in plan.splitlines():
        click.echo(f"-- {line}")


def _parted(crm: Crm, asked: Operation) -> tuple[Operation, list[str]]:
    """Return what of a query the planner reads, and the response keys of roots that resolvers have a part in."""
    route = crm.schema.route(asked)
    return route.planned or asked, sorted(route.executed)
