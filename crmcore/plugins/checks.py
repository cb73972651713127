"""Do the plugins' declarations fit together? Names carry their plugin's, nothing is given twice, entities are whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from crmcore.entities import forms
from crmcore.entities.entity import ALL_ACTIONS, Entity
from crmcore.events import After
from crmcore.jobs import checks as jobs
from crmcore.plugins.contributed import Contributed
from crmcore.plugins.names import belongs, example
from crmcore.plugins.plugin import Plugin

__all__ = ["Claim", "check_declarations", "check_twice", "is_whole"]


class Claim(NamedTuple):
    """A name that one plugin wants for itself.

    Attributes:

        plugin: name of the plugin.
        what: what it does with the name, as messages say it (`declares the table`).
        name: the name.
        joint: what must stand between the plugin's name and the rest; None where any name will do.
        place: where the name must be the only one (`Query`, `table`).
    """

    plugin: str
    what: str
    name: str
    joint: str | None
    place: str


def check_declarations(plugins: Iterable[Plugin], declared: Contributed, problems: list[str]) -> None:
    """Note every name without its plugin's prefix, everything given twice, and every entity that is not whole."""
    by_name = {plugin.name: plugin for plugin in plugins}
    claims = list(_claims(declared))
    for claim in claims:
        problems.extend(_prefix(by_name[claim.plugin], claim))
    check_twice(by_name, claims, problems)
    for entity in declared.entities:
        problems.extend(f"{by_name[entity.plugin]}: {wrong}" for wrong in _incomplete(entity))
    problems += jobs.wrongs(by_name, declared.jobs, (h for h in declared.handlers if isinstance(h, After)))
    with_tables = {name for name, _ in declared.tables} | {e.plugin for e in declared.entities}
    problems += [
        f"{by_name[name]} declares tables and no migrations that make them; implement crm_migrations."
        for name in sorted(with_tables - declared.migrations.keys())
    ]


def check_twice(
    plugins: Mapping[str, Plugin], claims: Iterable[Claim], problems: list[str], *, besides: Iterable[Claim] = ()
) -> None:
    """Note every name that is claimed twice in one place, with both who claim it.

    Args:

        plugins: by name.
        claims: what is checked, against each other and against `besides`.
        problems: what is wrong is added here.
        besides: claims that were checked against each other elsewhere.
    """
    taken = {(claim.place, claim.name): claim for claim in besides}
    for claim in claims:
        first = taken.setdefault((claim.place, claim.name), claim)
        if first is claim:
            continue
        one, other = plugins[first.plugin], plugins[claim.plugin]
        if one is other:
            problems.append(f"{one} {claim.what} {claim.name!r} twice; remove one.")
        else:
            problems.append(
                f"{one} {first.what} {claim.name!r}, and {_lower(other)} {claim.what} {claim.name!r}; rename one."
            )


def is_whole(entity: Entity) -> bool:
    """Say whether all columns of an entity say what they are, without which nothing can be made of it."""
    try:
        return bool(entity.facts)
    except TypeError:
        return False


def _claims(declared: Contributed) -> Iterator[Claim]:
    for entity in declared.entities:
        yield from _entity_claims(entity)
    for plugin, table in declared.tables:
        yield Claim(plugin, "declares the table", str(table._meta.tablename), "_", "table")
    for permission in declared.permissions:
        yield Claim(permission.plugin, "declares the permission", permission.name, ".", "permission")
    for action in declared.actions:
        yield Claim(action.plugin, "declares the action", action.name, "", "Mutation")
    for listing in declared.listings:
        yield Claim(listing.plugin, "adds the list", listing.name, "", "Query")
    for live in declared.lives:
        yield Claim(live.plugin, "adds the subscription", live.name, "", "Subscription")
    for plugin, kind in declared.types:
        yield Claim(plugin, "declares the type", kind.__name__, "", "type")


def _entity_claims(entity: Entity) -> Iterator[Claim]:
    yield Claim(entity.plugin, "declares the table", entity.tablename, "_", "table")
    yield Claim(entity.plugin, "declares the entity", entity.type_name, "", "type")
    yield Claim(entity.plugin, "declares an entity with the root field", entity.singular, None, "Query")
    yield Claim(entity.plugin, "declares an entity with the root field", entity.plural, "", "Query")
    many = entity.plural[0].upper() + entity.plural[1:]
    for verb in sorted(ALL_ACTIONS & entity.actions):
        for name in (entity.type_name, many):
            yield Claim(entity.plugin, "declares an entity with the mutation", f"{verb}{name}", None, "Mutation")


def _prefix(plugin: Plugin, claim: Claim) -> Iterator[str]:
    if claim.joint is not None and not belongs(plugin, claim.name, claim.joint):
        better = example(plugin, claim.name, claim.joint)
        yield f"{plugin} {claim.what} {claim.name!r}; name it for example {better!r}, so that plugins cannot collide."


def _incomplete(entity: Entity) -> Iterator[str]:
    name = entity.table.__name__
    try:
        facts = entity.facts
    except TypeError as bare:
        yield str(bare)
        return
    if not entity.description:
        yield f"the table {name} has no docstring; write one sentence that says what a {name} is."
    named = {entity.guarded_by, entity.label, *(c for key in entity.keys for c in key.columns)} - {None}
    for column in sorted(c for c in named if c is not None and c not in facts):
        yield f"the entity {entity.name} names the column {column!r}, which {name} does not have; correct it."
    for column, said in facts.items():
        if said.form is not None and said.form not in forms.FORMS:
            yield f"{name}.{column} has the form {said.form!r}, which is none; there are {', '.join(forms.FORMS)}."


def _lower(plugin: Plugin) -> str:
    return f"p{str(plugin)[1:]}"
