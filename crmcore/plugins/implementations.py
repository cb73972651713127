"""Are a plugin's hook functions such as the specifications say? pluggy would be silent about most of what is wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from pluggy import PluginManager

from crmcore import hookspecs
from crmcore.deprecations import overdue
from crmcore.plugins.plugin import Plugin

__all__ = ["HOOKS", "wrongs"]

#: Every hook by name, in calling order.
HOOKS: dict[str, Callable[..., Any]] = {
    name: function for name, function in vars(hookspecs).items() if hasattr(function, f"{hookspecs.PROJECT}_spec")
}


def wrongs(manager: PluginManager, plugin: Plugin) -> Iterator[str]:
    """Say everything that is wrong with a plugin's implementations."""
    for attribute in dir(plugin.implementation):
        options = manager.parse_hookimpl_opts(plugin.implementation, attribute)
        if options is None:
            if attribute in HOOKS and inspect.isroutine(getattr(plugin.implementation, attribute, None)):
                yield f"{plugin} has a function {attribute} that lacks @hookimpl, so it would never be called; add it."
            continue
        hook = options.get("specname") or attribute
        if hook not in HOOKS:
            yield f"{plugin} implements {hook}, which is no hook; {_closest(hook)}"
        elif options.get("wrapper") or options.get("hookwrapper"):
            yield f"{plugin} wraps {hook}; hooks of crmcore are implemented, not wrapped: remove the option."
        else:
            yield from _signature(plugin, hook, getattr(plugin.implementation, attribute))


def _signature(plugin: Plugin, hook: str, function: Any) -> Iterator[str]:
    wanted = inspect.signature(HOOKS[hook]).parameters
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in wanted:
            offers = f"it offers {', '.join(wanted)}." if wanted else "it has none."
            yield f"{plugin} wants the argument {parameter.name!r} of {hook}, which has no such argument; {offers}"
        elif parameter.default is not inspect.Parameter.empty:
            yield (
                f"{plugin} gives the argument {parameter.name!r} of {hook} a default; remove it: "
                "whether an argument with a default is passed depends on pluggy's version."
            )
    if inspect.iscoroutinefunction(function) != inspect.iscoroutinefunction(HOOKS[hook]):
        word = "async def" if inspect.iscoroutinefunction(HOOKS[hook]) else "def"
        yield f"{plugin} implements {hook} by the wrong kind of function; write it with {word}."
    yield from (f"{plugin}: {said}" for said in overdue(HOOKS[hook], inspect.signature(function).parameters))


def _closest(hook: str) -> str:
    close = get_close_matches(hook, HOOKS, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(HOOKS)}."
