"""`crm plugin new` and `crm plugin add`: a plugin's files, and more of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crmcore.scaffold.tree import Tree

__all__ = ["add", "new"]

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("name")
@click.argument("fields", nargs=-1, metavar="[FIELD:TYPE]...")
@click.option(
    "--with",
    "parts",
    metavar="PARTS",
    help="What it begins with, by commas: entity, settings, fields, channel, action, events, job, routes, commands. [default: entity]",
)
@click.option("--into", type=_FOLDER, default=Path(), help="Where its folder is made. [default: here]")
@click.option("--license", default="MIT", show_default=True, help="MIT, Apache-2.0 or LicenseRef-Proprietary.")
@click.option("--author", help="Who owns it; stands in its licence and its metadata.")
def new(name: str, fields: tuple[str, ...], parts: str | None, into: Path, license: str, author: str | None) -> None:
    """Write a new plugin: a distribution that installs and passes its tests.

    NAME is one lower-case word, often a plural: visits. FIELD:TYPE are the fields of its first entity, as in
    customer:link:customer began_at:instant "cost:money?" "outcome:choice(good|bad)"; a ? says that it may be empty, and
    "=..." after it what clients read about it. Types: text, longtext, int, number, money, date, instant, flag, email, url,
    choice(a|b), link:ENTITY.
    """
    # Heavy: Piccolo.
    from crmcore.scaffold.field import fields_of
    from crmcore.scaffold.names import PluginNames
    from crmcore.scaffold.new import LICENSES, new_plugin
    from crmcore.scaffold.parts import PARTS

    asked = _asked(parts, ("entity", *PARTS))
    if license not in LICENSES:
        message = (
            f"There is no licence {license!r} here; take one of {', '.join(LICENSES)}, and write another one by hand."
        )
        raise click.UsageError(message)
    if fields and "entity" not in asked:
        message = "Fields are given, and --with leaves the entity out that they belong to; add entity to it."
        raise click.UsageError(message)
    names = PluginNames(name)
    tree = new_plugin(names, into / names.distribution, asked, fields_of(fields), license=license, author=author)
    written = tree.files.write()
    click.echo(f"{tree.files.root} is written ({len(written)} files). Next:")
    click.echo(f"  cd {tree.files.root}")
    click.echo('  python -m pip install -e . "crmcore[testing]"')
    click.echo(f"  python -m pytest && crm plugin check {name}")
    if "entity" in asked:
        click.echo("Read tables.py: what stands there about each field is what clients read.")


@click.command()
@click.argument("what")
@click.argument("name", required=False)
@click.argument("fields", nargs=-1, metavar="[FIELD:TYPE]...")
@click.option("--in", "folder", type=_FOLDER, default=Path(), help="The plugin's folder. [default: here]")
@click.option("--plural", help="Of an entity's lists, where English rules do not give it.")
def add(what: str, name: str | None, fields: tuple[str, ...], folder: Path, plural: str | None) -> None:
    """Add something to a plugin: an entity, fields, events, a job.

    WHAT is entity, with a NAME and its fields as for crm plugin new; or settings, fields, channel, action, events, job,
    routes or commands. Files that cannot be edited safely are not: then nothing is written, and the lines to add are
    shown.
    """
    # Heavy: Piccolo.
    from crmcore.scaffold.adding import add_entity
    from crmcore.scaffold.field import fields_of
    from crmcore.scaffold.names import entity_names
    from crmcore.scaffold.parts import PARTS, add_part
    from crmcore.scaffold.source_tree import source_tree

    _asked(what, ("entity", *PARTS))
    tree = source_tree(folder)
    if what == "entity":
        if name is None or not fields:
            message = "An entity needs a name and at least one field: crm plugin add entity visit began_at:instant"
            raise click.UsageError(message)
        add_entity(tree, entity_names(tree.plugin, name, plural), fields_of(fields))
    elif name is not None or plural is not None:
        message = f"Only an entity has a name; write crm plugin add {what}."
        raise click.UsageError(message)
    else:
        add_part(tree, what)
    _tell(tree.files)


def _asked(parts: str | None, known: tuple[str, ...]) -> list[str]:
    asked = [part.strip() for part in parts.split(",")] if parts else ["entity"]
    if unknown := [part for part in asked if part not in known]:
        message = f"There is no {', '.join(map(repr, unknown))} to begin with; there are {', '.join(known)}."
        raise click.UsageError(message)
    return asked


def _tell(files: Tree) -> None:
    new = set(files.new)
    for file in files.write():
        click.echo(f"{'Wrote' if file in new else 'Changed'} {file}")
    for told in files.by_hand:
        click.echo(f"\n{told}", err=True)
