"""`crm upgrade --plan`: what an upgrade would do, before anything is touched."""

from __future__ import annotations

from pathlib import Path

import click

from crmcore.cli.output import as_json_option, show_json
from crmcore.cli.running import load_quietly, settings_options

__all__ = ["command"]


@click.command("upgrade")
@click.argument("requirements", nargs=-1, metavar="[REQUIREMENT]...")
@click.option("--plan", is_flag=True, help="Say what would be done. There is nothing else: people do it.")
@click.option(
    "--offline", is_flag=True, help="Ask no package index: do the installed versions fit, and what is pending?"
)
@as_json_option
@settings_options
@click.pass_context
def command(
    ctx: click.Context,
    requirements: tuple[str, ...],
    plan: bool,
    offline: bool,
    as_json: bool,
    database: str | None,
    config: Path | None,
) -> None:
    """Say what an upgrade would do: which versions fit, which migrations run, how to go back.

    REQUIREMENT is as pip takes it, crmcore==0.3 for example; without any, the newest versions of crmcore and of the
    installed plugins that fit together are looked for. pip is asked, by the configuration it has here, and installs into a
    temporary environment only; the database is only read. Exit code 1 when the versions do not fit.
    """
    if not plan:
        message = "crm upgrade only plans: give --plan, and do what it says."
        raise click.UsageError(message)
    if offline and requirements:
        message = "--offline looks at what is installed; leave the requirements out, or --offline."
        raise click.UsageError(message)
    from crmcore.upgrade.planning import planned
    from crmcore.upgrade.told import lines

    found = planned(requirements, load_quietly(config, database), config, database, offline=offline)
    if as_json:
        import msgspec

        show_json(msgspec.to_builtins(found))
    else:
        for style, text in lines(found):
            click.secho(text, **style)
    if not found.fits:
        ctx.exit(1)
