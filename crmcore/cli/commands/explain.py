"""`crm explain`: the SQL of a GraphQL operation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

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
    """Show the SQL, and its parameters, of the GraphQL query in FILE (- is standard input). Nothing is run."""
    from crmcore.graphql.planner.document import GraphQLErrors

    text = file.read()
    try:
        asked = crm.documents.get(text, operation)
        explained = crm.planner.explain(
            asked, crm.planner.coerce(asked, _variables(variables)), await actor_of(crm, person)
        )
    except GraphQLErrors as refused:
        raise click.ClickException("\n".join(error.message for error in refused.errors)) from None
    if as_json:
        show_json({"sql": explained.sql, "parameters": [str(p) for p in explained.parameters]})
        return
    click.echo(explained.sql)
    for number, value in enumerate(explained.parameters, 1):
        click.secho(f"-- ${number} = {value!r}", dim=True)


def _variables(given: str | None) -> dict[str, Any]:
    import msgspec

    if given is None:
        return {}
    try:
        text = Path(given[1:]).read_text("utf-8") if given.startswith("@") else given
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, OSError, RecursionError) as error:
        message = f"--variables cannot be read: {error}. Write a JSON object, or @FILE."
        raise click.UsageError(message) from None
