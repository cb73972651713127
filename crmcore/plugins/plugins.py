"""The plugins of one CRM: asked one by one, in load order, so that it is known who gave what."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from pluggy import PluginManager

from crmcore import hookspecs
from crmcore.errors import SetupError
from crmcore.plugins.implementations import wrongs
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

    def __getitem__(self, index: Any) -> Any:
        return self._active[index]

    def __len__(self) -> int:
        return len(self._active)

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
        return [(plugin.name, list(function())) for plugin, function, _ in self._implementations("crm_routes")]

    def commands(self) -> list[tuple[str, list[click.Command]]]:
        """Return the commands each plugin brings, by plugin name.

        Raises:

            SetupError: a plugin brings two commands of one name.
        """
        found = [(plugin, list(function())) for plugin, function, _ in self._implementations("crm_commands")]
        twice = [(p, name) for p, commands in found for name, n in Counter(c.name for c in commands).items() if n > 1]
        if twice:
            raise SetupError(
                "cannot-start", [f"{p} brings the command {name!r} twice; rename one." for p, name in twice]
            )
        return [(plugin.name, commands) for plugin, commands in found]

    async def startup(self, crm: Crm) -> None:
        """Let every plugin open what it needs, in load order.

        Raises:

            Exception: what a plugin raised; those before it have closed again what they opened.
        """
        started: list[Plugin] = []
        try:
            for plugin, function, wanted in self._implementations("crm_startup"):
                logger.debug("%s starts.", plugin)
                await function(*(crm for _ in wanted))
                started.append(plugin)
        except BaseException:
            await self._shutdown(crm, started)
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
        await self._shutdown(crm, self._active)

    async def _shutdown(self, crm: Crm, whose: Sequence[Plugin]) -> None:
        for plugin, function, wanted in reversed(list(self._implementations("crm_shutdown"))):
            if plugin in whose:
                try:
                    await function(*(crm for _ in wanted))
                except Exception:
                    logger.exception("%s failed in crm_shutdown; what it opened may be open still.", plugin)

    def _implementations(self, hook: str) -> Iterator[tuple[Plugin, Any, tuple[str, ...]]]:
        found = {i.plugin_name: i for i in getattr(self._manager.hook, hook).get_hookimpls()}
        for plugin in self._active:
            if implementation := found.get(plugin.name):
                yield plugin, implementation.function, implementation.argnames
