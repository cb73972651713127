"""The plugins of one CRM: asked one by one, in load order, so that it is known who gave what."""

from __future__ import annotations

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from pluggy import PluginManager

from crmcore import hookspecs
from crmcore.errors import SetupError
from crmcore.plugins.implementations import HOOKS, wrongs
from crmcore.plugins.part import Part
from crmcore.plugins.plugin import Plugin, failure

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler
    from pluggy import HookimplOpts

    from crmcore.access.actor import Access
    from crmcore.app import Crm
    from crmcore.entities.work import Work
    from crmcore.interchange.seed import Seeding
    from crmcore.subjects import Erasure, Exported, Subject

__all__ = ["Plugins"]

logger = logging.getLogger("crmcore.plugins")

_ARGUMENTS = {name: tuple(inspect.signature(hook).parameters) for name, hook in HOOKS.items()}


class _Manager(PluginManager):
    """pluggy's, which of a module looks at its functions only: most of a module's names are classes and imports."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> HookimplOpts | None:
        if isinstance(plugin, ModuleType) and not isinstance(vars(plugin).get(name), FunctionType | MethodType):
            return None
        return super().parse_hookimpl_opts(plugin, name)


class Plugins(Sequence[Plugin]):
    """The loaded plugins, each after those it requires.

    Attributes:

        disabled: names of the plugins that are installed and were not loaded.
    """

    def __init__(self, active: Iterable[Plugin], disabled: Iterable[str], problems: list[str]) -> None:
        """Register plugins; one whose implementations are wrong is left out and noted as a problem."""
        self.disabled = tuple(disabled)
        self._manager = _Manager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._active: list[Plugin] = []
        for plugin in active:
            found = list(wrongs(self._manager, plugin))
            problems += found
            if not found:
                self._manager.register(plugin.implementation, plugin.name)
                self._active.append(plugin)
        self._parts: dict[str, Sequence[Part]] = {}
        for plugin, answer in self.ask("crm_parts", problems):
            if isinstance(answer, Sequence) and all(isinstance(part, Part) for part in answer):
                self._parts[plugin.name] = answer
            else:
                problems.append(f"{plugin} gives {answer!r} by crm_parts; give a list of Part.")

    def __getitem__(self, index: Any) -> Any:
        return self._active[index]

    def __len__(self) -> int:
        return len(self._active)

    def hooks_of(self, name: str) -> list[str]:
        """Return the hooks that a plugin answers, itself or by its parts, in calling order."""
        return [hook for hook in HOOKS if any(share.plugin.name == name for share in self._shares(hook))]

    def ask(self, hook: str, problems: list[str], **given: Any) -> Iterator[tuple[Plugin, Any]]:
        """Call a hook that declares things, plugin by plugin; what a plugin raises is noted as a problem."""
        for plugin, function, wanted in self._implementations(hook):
            try:
                answer = function(*(given[name] for name in wanted))
                # A generator would raise only when it is read, where nobody knows whose it is.
                answer = list(answer) if isinstance(answer, Iterator) else answer
            except Exception as error:  # one plugin's failure must not hide what is wrong with the others
                problems.append(f"{plugin} failed in {hook}: {failure(error)}.")
            else:
                yield plugin, answer

    def routes(self) -> list[tuple[str, list[ControllerRouterHandler]]]:
        """Return the HTTP handlers each plugin brings, by plugin name."""
        return [(plugin.name, handlers) for plugin, handlers in self._lists("crm_routes")]

    def commands(self) -> list[tuple[str, list[click.Command]]]:
        """Return the commands each plugin brings, by plugin name.

        Raises:

            SetupError: a plugin brings two commands of one name.
        """
        found = self._lists("crm_commands")
        twice = [(p, name) for p, commands in found for name, n in Counter(c.name for c in commands).items() if n > 1]
        if twice:
            raise SetupError(
                "cannot-start", [f"{p} brings the command {name!r} twice; rename one." for p, name in twice]
            )
        return [(plugin.name, commands) for plugin, commands in found]

    async def startup(self, crm: Crm) -> None:
        """Let every plugin open what it needs, in load order.

        Raises:

            Exception: what a plugin raised; what was opened before it, by parts of the same plugin too, is closed again.
        """
        started: list[_Share] = []
        try:
            for share in self._shares("crm_startup"):
                logger.debug("%s starts.", share.plugin)
                await share.function(*(crm for _ in share.wanted))
                started.append(share)
        except BaseException:
            await self._shutdown(crm, lambda share: any(share.is_of(one) for one in started))
            raise

    async def purpose(self, crm: Crm, code: str, access: Access) -> Access | None:
        """Return what the first plugin says that knows a purpose; None if none does."""
        given = {"crm": crm, "code": code, "access": access}
        for _, function, wanted in self._implementations("crm_purpose"):
            answer: Access | None = await function(*(given[name] for name in wanted))
            if answer is not None:
                return answer
        return None

    async def seed(self, seeding: Seeding) -> None:
        """Let every plugin make demonstration data, in load order."""
        for plugin, function, wanted in self._implementations("crm_seed"):
            logger.debug("%s makes demonstration data.", plugin)
            await function(*(seeding for _ in wanted))

    async def subject_export(self, crm: Crm, subject: Subject) -> list[tuple[str, Exported]]:
        """Return what plugins hold of a person beyond records of entities, each with the plugin's name."""
        found: list[tuple[str, Exported]] = []
        for plugin, function, wanted in self._implementations("crm_subject_export"):
            given = {"crm": crm, "subject": subject}
            found += [(plugin.name, one) for one in await function(*(given[name] for name in wanted))]
        return found

    async def subject_erase(self, work: Work, subject: Subject) -> list[tuple[str, Erasure]]:
        """Let every plugin erase what it holds of a person its own way; return what was done, each with the plugin's name."""
        found: list[tuple[str, Erasure]] = []
        for plugin, function, wanted in self._implementations("crm_subject_erase"):
            given = {"work": work, "subject": subject}
            found += [(plugin.name, one) for one in await function(*(given[name] for name in wanted))]
        return found

    async def shutdown(self, crm: Crm) -> None:
        """Let every plugin close what it opened, in reverse load order; what one raises is logged and harms no other."""
        await self._shutdown(crm, lambda _: True)

    async def _shutdown(self, crm: Crm, whose: Callable[[_Share], bool]) -> None:
        for share in filter(whose, reversed(list(self._shares("crm_shutdown")))):
            try:
                await share.function(*(crm for _ in share.wanted))
            except Exception:
                logger.exception("%s failed in crm_shutdown; what it opened may be open still.", share.plugin)

    def _lists(self, hook: str) -> list[tuple[Plugin, list[Any]]]:
        """Return what each plugin that implements a hook lists, in all its parts."""
        by_plugin = groupby(self._implementations(hook), lambda found: found[0])
        return [(plugin, [one for _, function, _ in found for one in function()]) for plugin, found in by_plugin]

    def _implementations(self, hook: str) -> Iterator[tuple[Plugin, Any, tuple[str, ...]]]:
        return ((share.plugin, share.function, share.wanted) for share in self._shares(hook))

    def _shares(self, hook: str) -> Iterator[_Share]:
        """Yield what a plugin's own function does, then what its parts do, plugin by plugin."""
        found = {i.plugin_name: i for i in getattr(self._manager.hook, hook).get_hookimpls()}
        for plugin in self._active:
            if implementation := found.get(plugin.name):
                yield _Share(plugin, None, implementation.function, implementation.argnames)
            for part in self._parts.get(plugin.name, ()):
                if function := part.implementing(hook):
                    yield _Share(plugin, part, function, _ARGUMENTS[hook])


@dataclass(frozen=True, slots=True)
class _Share:
    """Who answers a hook: a plugin's function, or one of its parts."""

    plugin: Plugin
    part: Part | None
    function: Any
    wanted: tuple[str, ...]

    def is_of(self, other: _Share) -> bool:
        """Say whether both are of the same part, or of the same plugin's own functions."""
        return self.plugin is other.plugin and self.part is other.part
