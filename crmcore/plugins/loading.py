"""From what is installed and what is disabled to the plugins of one CRM."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore.errors import SetupError
from crmcore.plugins import discovery
from crmcore.plugins.names import BUILT_IN
from crmcore.plugins.plugins import Plugins
from crmcore.plugins.requirements import check_requirements, in_order
from crmcore.settings import Settings
from crmcore.settings.reader import closest

__all__ = ["load_plugins"]


def load_plugins(
    settings: Settings, objects: Iterable[object] = (), *, installed: bool = True, problems: list[str] | None = None
) -> Plugins:
    """Load the built-in plugins, the installed ones, and those a program gives, in this order; disabled ones are left out.

    Args:

        settings: `disabled_plugins` counts.
        objects: plugins a program gives, with a `plugin_name`.
        installed: whether to look for plugins of installed distributions.
        problems: what is wrong is added here; without it, it is raised.

    Raises:

        SetupError: something is wrong, and nobody gathers it.
    """
    wrong: list[str] = [] if problems is None else problems
    given, found = list(objects), discovery.announced(wrong) if installed else []
    disabled = [a for a in found if a.name in settings.disabled_plugins]
    active = [a for a in found if a.name not in settings.disabled_plugins]
    _check_disabled(settings, [*(a.name for a in found), *filter(None, map(_name, given))], wrong)
    check_requirements(active, disabled, wrong)
    loaded = discovery.built_in()
    loaded += [p for a in in_order(active, wrong) if (p := discovery.imported(a, wrong))]
    loaded += discovery.given([o for o in given if _name(o) not in settings.disabled_plugins], loaded, wrong)
    plugins = Plugins(loaded, settings.disabled_plugins, wrong)
    if problems is None and wrong:
        raise SetupError("cannot-start", wrong)
    return plugins


def _name(thing: object) -> str | None:
    return getattr(thing, "plugin_name", None)


def _check_disabled(settings: Settings, known: list[str], problems: list[str]) -> None:
    for name in settings.disabled_plugins:
        if name in BUILT_IN:
            problems.append(f"disabled_plugins names {name!r}, which is a part of crmcore; remove it from the list.")
        elif name not in known:
            problems.append(f"disabled_plugins names {name!r}, but no such plugin is installed; {closest(name, known)}")
