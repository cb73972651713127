"""Imports at the top of a module: read, added to, and written back in the order of isort."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crmcore.scaffold.refusing import ByHand

__all__ = ["Import", "with_imports"]

_WIDTH = 120


@dataclass(frozen=True)
class Import:
    """One name that a module imports.

    Attributes:

        module: from where; or what, if there is no name.
        name: what, None for `import module`.
        alias: under which name.
        typing: only for annotations, below `if TYPE_CHECKING:`.
    """

    module: str
    name: str | None = None
    alias: str | None = None
    typing: bool = False

    @classmethod
    def read(cls, text: str, *, typing: bool = False) -> Import:
        """Make one of `crmcore:columns as c`, `crmcore:Entity` or `click`."""
        module, _, name = text.partition(":")
        name, _, alias = name.partition(" as ")
        return cls(module, name or None, alias or None, typing)


def with_imports(source: str, wanted: Iterable[Import], package: str) -> str:
    """Return a module's source with imports added.

    Args:

        source: the module.
        wanted: what it needs.
        package: whose modules come last, as the project's own.

    Raises:

        ByHand: there is something between the imports that would be lost.
    """
    nodes, typed = _header(ast.parse(source))
    there = {*_imports(nodes, typing=False), *_imports(typed, typing=True)}
    known = {(i.module, i.name, i.alias) for i in there}
    missing = [i for i in wanted if (i.module, i.name, i.alias) not in known]
    if not missing:
        return source
    lines = source.splitlines(keepends=True)
    first, last = _region(nodes, typed)
    if any(first <= line <= last for line in _comments(source)):
        msg = "There are comments between its imports."
        raise ByHand(msg, _rendered(missing, package))
    there |= set(missing)
    if any(i.typing for i in there):
        there.add(Import("typing", "TYPE_CHECKING"))
    return "".join([*lines[: first - 1], _rendered(there, package), *lines[last:]])


def _header(module: ast.Module) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the imports with which a module begins, and those below `if TYPE_CHECKING:`."""
    body = module.body[1:] if ast.get_docstring(module, clean=False) is not None else module.body
    nodes: list[ast.stmt] = []
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            nodes.append(node)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse:
            return nodes, node.body
        else:
            break
    return nodes, []


def _region(nodes: list[ast.stmt], typed: list[ast.stmt]) -> tuple[int, int]:
    """Return the first and the last line of the header, from 1."""
    if not nodes:
        msg = "It begins without imports."
        raise ByHand(msg, "from __future__ import annotations")
    # The line `if TYPE_CHECKING:` lies between.
    end = (typed or nodes)[-1].end_lineno
    assert end is not None
    return nodes[0].lineno, end


def _comments(source: str) -> Iterator[int]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0]


def _imports(nodes: Iterable[ast.stmt], *, typing: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, alias.asname, typing)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import("." * node.level + (node.module or ""), alias.name, alias.asname, typing)
        else:
            msg = "There is more than imports below `if TYPE_CHECKING:`."
            raise ByHand(msg, ast.unparse(node))


def _rendered(imports: Iterable[Import], package: str) -> str:
    now: list[Import] = []
    typed: list[Import] = []
    for one in imports:
        (typed if one.typing else now).append(one)
    blocks = _blocks(now, package, "")
    if typed:
        blocks.append("if TYPE_CHECKING:\n" + "\n".join(_blocks(typed, package, "    ")))
    return "\n".join(blocks)


def _blocks(imports: list[Import], package: str, indent: str) -> list[str]:
    """Return the sections: `__future__`, the standard library, others' packages, the project's own."""
    sections: dict[int, list[Import]] = {}
    for one in imports:
        top = one.module.split(".")[0]
        if top == "__future__":
            place = 0
        elif top in sys.stdlib_module_names:
            place = 1
        else:
            place = 3 if top in ("", package) else 2
        sections.setdefault(place, []).append(one)
    return ["".join(_statements(sections[place], indent)) for place in sorted(sections)]


def _statements(imports: list[Import], indent: str) -> Iterator[str]:
    for one in sorted((i for i in imports if i.name is None), key=lambda i: i.module.lower()):
        yield f"{indent}import {one.module}{f' as {one.alias}' if one.alias else ''}\n"
    named = [i for i in imports if i.name is not None]
    for module in sorted({i.module for i in named}, key=str.lower):
        plain = sorted({i.name for i in named if i.module == module and not i.alias and i.name}, key=_rank)
        if plain:
            yield _from(module, plain, indent)
        for one in sorted((i for i in named if i.module == module and i.alias), key=lambda i: _rank(i.name or "")):
            yield f"{indent}from {module} import {one.name} as {one.alias}\n"


def _from(module: str, names: list[str], indent: str) -> str:
    flat = f"{indent}from {module} import {', '.join(names)}"
    if len(flat) <= _WIDTH:
        return f"{flat}\n"
    members = "".join(f"{indent}    {name},\n" for name in names)
    return f"{indent}from {module} import (\n{members}{indent})\n"


def _rank(name: str) -> tuple[int, str]:
    """Sort constants first, then classes, then the rest."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name
