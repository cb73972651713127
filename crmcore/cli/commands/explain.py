"""`crm explain`: the SQL of a GraphQL operation."""

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

__all__ = ["command"]


@click.command("explain")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--variables", metavar="JSON", help="Values of the operation's variables, or @FILE that has them.")
@click.option("--operation", metavar="NAME", help="Which operation of FILE; needed when it has several.")
@click.option(
    "--as", "person", metavar="PERSON", help="Under whose row and field rules (e-mail or id); all rights if left out."
)
@as_json_option
@with_crm
async def command(
    crm: Crm, file: TextIO, variables: str | None, operation: str | None, person: str | None, as_json: bool
) -> None:
    """Show the SQL of a GraphQL operation.

    FILE has the operation, a query; - is standard input. Its parameters are shown with it. Nothing is run.
    """
    # Heavy: GraphQL.
    from graphql import OperationType

    from crmcore.graphql.planner.document import GraphQLErrors

    text, given = file.read(), json_object("--variables", variables) if variables else {}
    try:
        asked = crm.documents.get(text, operation)
        if asked.definition.operation is not OperationType.QUERY:
            message = "A mutation is more than one statement; explain the query that reads what you need from it."
            raise Failed(message)
        explained = crm.planner.explain(asked, given, await actor_of(crm, person))
    except GraphQLErrors as refused:
        raise Failed("\n  - ".join(error.message for error in refused.errors)) from None
    if explained.errors:
        raise Failed("\n  - ".join(error.message for error in explained.errors))
    if as_json:
        show_json({"sql": explained.sql, "parameters": [str(p) for p in explained.parameters]})
        return
    click.echo(explained.sql)
    for number, value in enumerate(explained.parameters, 1):
        click.secho(f"-- ${number} = {value!r}", dim=True)
