"""`crm plugin check`: is a plugin as good as it says?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.failed import Failed
from crmcore.cli.output import as_json_option, show_json

if TYPE_CHECKING:
    from crmcore.contract.rule import Rule
    from crmcore.contract.subject import Subject

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True)


@click.command("check")
@click.argument("name", required=False)
@click.option(
    "--tier", type=click.Choice(["bronze", "silver", "gold"]), help="Instead of the tier quality.toml claims."
)
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule; may be given several times.")
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgresql", "both"]),
    default="both",
    show_default=True,
    help="What it is tried on. PostgreSQL comes with crmcore[testing].",
)
@click.option("--source", type=_FOLDER, metavar="DIR", help="Its source tree, where pip did not install it editable.")
@click.option("--sdl", is_flag=True, help="Show what it does to the GraphQL schema instead.")
@click.option("--explain", metavar="RULE", help="Say why there is a rule, and check nothing.")
@as_json_option
def command(
    name: str | None,
    tier: str | None,
    rules: tuple[str, ...],
    database: str,
    source: Path | None,
    sdl: bool,
    explain: str | None,
    as_json: bool,
) -> None:
    """Check how good a plugin is, and say what it lacks.

    Rules in three tiers are applied to an installed plugin: bronze (it fits), silver (it is safe), gold (it lasts). The
    tier is the one that quality.toml in its source tree claims, or bronze. Nothing but temporary databases is touched,
    but the plugin's code and, for some rules, its tests are run. Exit code 1 when something is lacking.
    """
    if explain:
        click.echo(_explained(explain))
        return
    if not name:
        message = "Which plugin? Give its name, as crm plugin list shows it."
        raise click.UsageError(message)
    # Heavy: Piccolo, Strawberry and the plugins.
    from crmcore.contract.grounds import DIALECTS, Grounds
    from crmcore.contract.places import Absent
    from crmcore.contract.subject import Subject

    dialects = DIALECTS if database == "both" else (database,)
    with Grounds() as grounds:
        try:
            subject = Subject.installed(name, grounds, source=source, dialects=dialects)
        except Absent as why:
            raise Failed(str(why)) from None
        if sdl:
            _show_sdl(subject)
        elif not _good(subject, tier, [_rule(rule) for rule in rules], as_json):
            raise SystemExit(1)


def _good(subject: Subject, tier: str | None, only: list[Rule], as_json: bool) -> bool:
    import asyncio
    import logging

    from crmcore.contract.report import as_json as in_json
    from crmcore.contract.report import lines_of, summary
    from crmcore.contract.rule import Tier
    from crmcore.contract.run import Outcome, check

    # Rules have a plugin fail on purpose; what matters of that stands in the report.
    logging.getLogger().addHandler(logging.NullHandler())
    asked = Tier[tier.upper()] if tier else subject.claims.tier or Tier.BRONZE

    def told(outcome: Outcome) -> None:
        first, *more = lines_of(outcome)
        click.secho(first, fg="green" if outcome.state.counts else "red")
        for line in more:
            click.echo(line)

    report = asyncio.run(check(subject, asked, only, None if as_json else told))
    if as_json:
        show_json(in_json(report))
    else:
        click.secho(summary(report), bold=True)
    return report.good


def _show_sdl(subject: Subject) -> None:
    from crmcore.contract.rule import Unverified
    from crmcore.contract.sdl import difference

    try:
        text = difference(subject)
    except Unverified as why:
        raise Failed("\n".join([str(why), *subject.problems])) from None
    click.echo(text or "# It adds nothing to the schema.")


def _explained(name: str) -> str:
    rule = _rule(name)
    return f"{rule.name} ({rule.tier})\n\n{rule.text}"


def _rule(name: str) -> Rule:
    from crmcore.contract.catalogue import all_rules
    from crmcore.contract.run import known
    from crmcore.settings.reader import closest

    if (rule := known(name)) is None:
        message = f"There is no rule {name!r}; {closest(name, [rule.name for rule in all_rules()])}"
        raise Failed(message)
    return rule
