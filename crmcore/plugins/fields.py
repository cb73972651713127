"""Do the fields fit that plugins add to types of others: Strawberry fields, planned fields, relations?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmcore.contributions import Extension
from crmcore.entities.entity import camel
from crmcore.entities.registry import Entities
from crmcore.plugins.checks import Claim, check_twice
from crmcore.plugins.contributed import Contributed
from crmcore.plugins.names import belongs, example
from crmcore.plugins.plugin import Plugin
from crmcore.settings.reader import closest

__all__ = ["check_fields"]

_ROOTS = ("Query", "Mutation")


def check_fields(plugins: Iterable[Plugin], declared: Contributed, entities: Entities, problems: list[str]) -> None:
    """Note every added field that is incomplete, badly named, given twice, or for a type that cannot have it."""
    by_name = {plugin.name: plugin for plugin in plugins}
    for extension in declared.extensions:
        problems.extend(_wrongs(by_name[extension.plugin], extension, entities))
    claims = [
        Claim(e.plugin, f"adds to {_target(e)} the field", _name(e), None, _target(e)) for e in declared.extensions
    ]
    check_twice(by_name, claims, problems, besides=_present(declared, entities))
    problems.extend(_foreign(by_name, entities))


def _wrongs(plugin: Plugin, extension: Extension, entities: Entities) -> Iterator[str]:
    where, name = _target(extension), _name(extension)
    owners = {e.type_name: e.plugin for e in entities.values()}
    if isinstance(extension.target, str) and where not in (*_ROOTS, *owners):
        yield f"{plugin} adds {name!r} to {where}, which cannot be added to; {closest(where, [*_ROOTS, *owners])}"
    definition = getattr(extension.target, "__strawberry_definition__", None)
    if definition is not None and definition.is_input:
        yield f"{plugin} adds {name!r} to the input type {where}; only output types can be added to. Add a mutation instead."
    if owners.get(where) != plugin.name and not belongs(plugin, name):
        yield f"{plugin} adds {where}.{name}; name it for example {example(plugin, name)!r}, so that plugins cannot collide."
    if not extension.field.description:
        yield f"{plugin} adds {where}.{name} without a description; say in one sentence what it gives."
    resolver = extension.field.base_resolver
    if extension.field.type_annotation is None and (resolver is None or resolver.type_annotation is None):
        yield f"{plugin} adds {where}.{name} without a return type; annotate its resolver."


def _present(declared: Contributed, entities: Entities) -> Iterator[Claim]:
    for entity in entities.values():
        for name in entities.fields(entity.name):
            yield Claim(
                entities.giver(entity.name, name).plugin,
                f"gives {entity.type_name} the field",
                name,
                None,
                entity.type_name,
            )
        for name in (entity.singular, entity.plural):
            yield Claim(entity.plugin, "declares an entity with the root field", name, None, "Query")
    for action in declared.actions:
        yield Claim(action.plugin, "declares the action", action.name, None, "Mutation")
    for listing in declared.listings:
        yield Claim(listing.plugin, "adds the list", listing.name, None, "Query")


def _foreign(plugins: dict[str, Plugin], entities: Entities) -> Iterator[str]:
    """Find fields of entities that another plugin gives, by `crm_fields` or by a link's inverse."""
    for entity in entities.values():
        for name in entities.fields(entity.name):
            plugin = plugins[entities.giver(entity.name, name).plugin]
            if plugin.name != entity.plugin and not belongs(plugin, name):
                better = example(plugin, name)
                yield f"{plugin} adds {entity.type_name}.{name}; name it for example {better!r}, so that plugins cannot collide."


def _target(extension: Extension) -> str:
    return extension.target if isinstance(extension.target, str) else extension.target.__name__


def _name(extension: Extension) -> str:
    return extension.field.graphql_name or camel(extension.field.python_name)
