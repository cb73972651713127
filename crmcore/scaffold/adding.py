"""An entity added to a plugin's files: table, declaration, migration, test, and a line in each document."""

from __future__ import annotations

import ast
import re

from crmcore.scaffold.columns import inverse_of
from crmcore.scaffold.documents import with_capabilities
from crmcore.scaffold.entity import NewEntity
from crmcore.scaffold.field import Field
from crmcore.scaffold.hooks import Hook
from crmcore.scaffold.imports import Import, with_imports
from crmcore.scaffold.names import EntityNames
from crmcore.scaffold.parts import declare, document
from crmcore.scaffold.refusing import ByHand, refused
from crmcore.scaffold.source_tree import SourceTree
from crmcore.scaffold.targets import core_targets, own_targets
from crmcore.scaffold.templates import filled

__all__ = ["add_entity"]


def add_entity(tree: SourceTree, names: EntityNames, fields: tuple[Field, ...]) -> None:
    """Add an entity to a plugin's files."""
    path = f"{tree.package}/tables.py"
    there = tree.files.text(path)
    own = own_targets(there, names)
    if names.type_name in {target.references for target in own.values()}:
        msg = f"The entity {names.name!r} is in {tree.files.root / path} already; choose another name."
        raise refused(msg)
    core = core_targets() if any(f.target and f.target not in own for f in fields) else {}
    entity = NewEntity(tree.plugin.name, names, fields, {**core, **own})
    if there is None:
        tree.files.add(path, filled("entity/tables.py", tree.words))
    tree.files.change(path, lambda text: _with_class(text, entity, tree.import_name))
    _declare(tree, entity)
    _migrate(tree, entity)
    tree.files.add(f"tests/test_{names.many_name}.py", _test(entity))
    rows, change = _documents(entity)
    document(tree, rows, change)


def _with_class(text: str, entity: NewEntity, package: str) -> str:
    wanted = ["typing:ClassVar", "piccolo.table:Table", "crmcore:Index", "crmcore:Owned", "crmcore:Record"]
    wanted += ["crmcore:columns as c", *(["enum:Enum"] if entity.enums else [])]
    text = with_imports(text, map(Import.read, wanted), package)
    return f"{_with_names(text, [entity.names.type_name, *entity.enums]).rstrip()}\n\n\n{entity.tables()}"


def _with_names(text: str, names: list[str]) -> str:
    """Add to `__all__`, if there is one."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            if not isinstance(node.value, ast.List):
                msg = "Its __all__ is no list."
                raise ByHand(msg, f"__all__ += {names!r}")
            known = sorted({*ast.literal_eval(node.value), *names})
            flat = "__all__ = [" + ", ".join(f'"{name}"' for name in known) + "]"
            if len(flat) > 120:
                flat = "__all__ = [\n" + "".join(f'    "{name}",\n' for name in known) + "]"
            lines = text.splitlines()
            return "\n".join([*lines[: node.lineno - 1], flat, *lines[node.end_lineno :]]) + "\n"
    return text


def _declare(tree: SourceTree, entity: NewEntity) -> None:
    imports = [Import("collections.abc", "Iterable"), Import(f"{tree.import_name}.tables", entity.names.type_name)]
    imports += [Import("crmcore", name) for name in entity.declaration_imports()]
    hook = Hook("crm_entities", "Iterable[Entity]", "The records it keeps.", (entity.declaration(),))
    declare(tree, hook, imports)
    if "def crm_migrations(" not in (tree.files.text(tree.module) or ""):
        folder = 'Path(__file__).with_name("migrations")'
        says = Hook("crm_migrations", "Path", "The folder beside this file.", (folder,), listed=False)
        declare(tree, says, [Import("pathlib", "Path")])
    tables = [entity.names.table]
    capabilities = f"{tree.package}/capabilities.toml"
    tree.files.change(capabilities, lambda text: with_capabilities(text, tables=tables), needed=False)


def _migrate(tree: SourceTree, entity: NewEntity) -> None:
    folder = f"{tree.package}/migrations"
    there = [found for name in tree.files.names(folder) if (found := re.match(rf"{tree.plugin.name}_(\d{{4}})_", name))]
    title = f"add_{entity.names.table}" if there else "initial"
    number = int(there[-1][1]) + 1 if there else 1
    tree.files.add(f"{folder}/{tree.plugin.name}_{number:04d}_{title}.py", entity.migration(title))


def _test(entity: NewEntity) -> str:
    names = entity.names
    words = {"entity": names.name, "singular": names.singular, "plural": names.plural}
    words["Many"] = names.many_words.capitalize()
    text = filled("entity/test.py", words)
    if link := next((f for f in entity.fields if f.target and f.target not in (names.name, "user", "team")), None):
        inverse = inverse_of(link, names, entity.fields)
        words |= {"target": link.target, "target_words": link.target.replace("_", " "), "field": link.name}
        words |= {"inverse": inverse, "inverse_snake": re.sub(r"(?=[A-Z])", "_", inverse).lower()}
        words["target_singular"] = EntityNames(link.target, "", "").singular
        text += filled("entity/test_inverse.py", words)
    return text


def _documents(entity: NewEntity) -> tuple[tuple[str, ...], str]:
    names = entity.names
    shown = ", ".join(f"`{name}`" for name in (names.singular, names.plural, f"create{names.type_name}"))
    rows = [f"| {shown}, `update{names.type_name}`, … | {names.many_words}: what every entity has |"]
    for field in entity.fields:
        if field.target and field.target != names.name:
            kind = EntityNames(field.target, "", "").type_name
            inverse = inverse_of(field, names, entity.fields)
            rows.append(f"| `{kind}.{inverse}` | the {names.many_words} of a {field.target.replace('_', ' ')} |")
    if len(entity.declaration_imports()) > 1:
        rows.append(f"| `Customer.timeline`, kind `{names.name.upper()}` | the {names.many_words} of a customer |")
    rights = ", ".join(f"`{names.name}:{right}`" for right in ("read", "create", "update", "delete", "export"))
    rows.append(f"| permissions {rights} | what a role may do with {names.many_words} |")
    return tuple(rows), f"{names.many_words.capitalize()}: `{names.plural}`."
