"""Hooks in a plugin's module: a new function, or one more element in the list that one returns."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from crmcore import hookspecs
from crmcore.scaffold.refusing import ByHand

__all__ = ["Hook", "with_hook"]

_WIDTH = 120
#: Hooks in the order in which they are called.
_ORDER = [name for name in vars(hookspecs) if name.startswith("crm_")]


@dataclass(frozen=True)
class Hook:
    """What a plugin's function of a hook's name is to return.

    Attributes:

        name: the hook.
        returns: its annotation.
        says: its docstring.
        elements: source of what the list is to hold; or of the one value it returns; or of the one statement it is.
        listed: whether it returns a list.
        before: statements that come first, as source without indentation.
        takes: its parameters; a hook that takes any is called while a CRM runs, and does something.
    """

    name: str
    returns: str
    says: str
    elements: tuple[str, ...]
    listed: bool = True
    before: str = ""
    takes: str = ""

    @property
    def function(self) -> str:
        """The whole function as source."""
        result = _list(list(self.elements), spread=False) if self.listed else self.elements[0]
        head = f"{'async ' if self.takes else ''}def {self.name}({self.takes}) -> {self.returns}:"
        lines = ["@hookimpl", head, f'    """{self.says}"""', *self.lines_before]
        return "\n".join([*lines, f"    {result if self.takes else f'return {result}'}\n"])

    @property
    def lines_before(self) -> list[str]:
        """What comes before the result, indented, with the empty line after it."""
        return [f"    {line}" if line else "" for line in [*self.before.splitlines(), ""]] if self.before else []


def with_hook(source: str, hook: Hook) -> str:
    """Return a module's source in which the hook returns the elements too.

    Raises:

        ByHand: its function is there, and is more than a list that is returned.
    """
    module = ast.parse(source)
    functions = [n for n in module.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    there = next((f for f in functions if f.name == hook.name), None)
    if there is not None:
        return _more(source, there, hook)
    lines = source.splitlines(keepends=True)
    later = [f for f in functions if f.name in _ORDER and _ORDER.index(f.name) > _ORDER.index(hook.name)]
    for function in later:
        start = min([function.lineno, *(d.lineno for d in function.decorator_list)])
        if not lines[start - 2].strip():
            return "".join([*lines[: start - 1], hook.function, "\n\n", *lines[start - 1 :]])
    return f"{source.rstrip()}\n\n\n{hook.function}"


def _more(source: str, function: ast.FunctionDef | ast.AsyncFunctionDef, hook: Hook) -> str:
    end = function.body[-1]
    if not (hook.listed and isinstance(end, ast.Return) and isinstance(end.value, ast.List)) or _returns(function) > 1:
        msg = f"Its {hook.name} is more than one list that is returned."
        raise ByHand(msg, hook.function)
    found = end.value
    lines = source.splitlines(keepends=True)
    assert end.end_lineno is not None
    text = "".join(lines[end.lineno - 1 : end.end_lineno])
    if "#" in text:
        msg = f"There are comments in the list of its {hook.name}."
        raise ByHand(msg, hook.function)
    elements = [ast.get_source_segment(source, element) or "" for element in found.elts]
    missing = [element for element in hook.elements if element not in elements]
    if not missing:
        return source
    spread = "\n" in text.strip()
    before = "".join(f"{line}\n" for line in hook.lines_before)
    made = f"{before}    return {_list([*elements, *missing], spread=spread)}\n"
    return "".join([*lines[: end.lineno - 1], made, *lines[end.end_lineno :]])


def _returns(function: ast.AST) -> int:
    return sum(isinstance(node, ast.Return) for node in ast.walk(function))


def _list(elements: list[str], *, spread: bool) -> str:
    flat = f"[{', '.join(elements)}]"
    if not spread and "\n" not in flat and len(f"    return {flat}") <= _WIDTH:
        return flat
    return "[\n" + "".join(f"        {element},\n" for element in elements) + "    ]"
