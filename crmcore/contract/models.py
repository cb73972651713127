"""CRMs without a plugin, with it, and with everything; made when they are first needed, and never run themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crmcore.contract.rule import Unverified
from crmcore.errors import SetupError
from crmcore.plugins.discovery import Announced, announced
from crmcore.plugins.plugin import failure

if TYPE_CHECKING:
    from crmcore.testing import TestCrm

__all__ = ["Models"]

Make = Callable[[], "TestCrm"]


class Models:
    """The CRMs of one subject."""

    def __init__(self, bare: Make, crm: Make, everything: Make) -> None:
        """Say how each is made."""
        self._make_bare, self._make_crm, self._make_everything = bare, crm, everything

    @classmethod
    def installed(cls, one: Announced) -> Models:
        """Of a plugin that a distribution brings."""
        found = announced([])
        needed = _needed(one, found)
        others = [other.name for other in found if other.name != one.name]
        disabled = [name for name in others if name not in needed]
        return cls(
            lambda: _made(disabled=[*disabled, one.name]), lambda: _made(disabled=disabled), lambda: _made(disabled=())
        )

    @classmethod
    def given(cls, it: object, plugins: Sequence[object], *, installed: bool, bare: TestCrm | None) -> Models:
        """Of a plugin that is an object."""
        others = [thing for thing in plugins if thing is not it]
        return cls(
            lambda: bare or _made(others, installed=False),
            lambda: _made(plugins, installed=False),
            lambda: _made(plugins, installed=installed),
        )

    @cached_property
    def bare(self) -> TestCrm:
        """Without the plugin."""
        return self._make_bare()

    @cached_property
    def everything(self) -> TestCrm:
        """With all there is."""
        return self._make_everything()

    @property
    def crm(self) -> TestCrm:
        """With the plugin."""
        if isinstance(self._crm, tuple):
            msg = "A CRM with it cannot be put together, so this was not looked at."
            raise Unverified(msg)
        return self._crm

    @property
    def problems(self) -> Sequence[str]:
        """Why there is none with the plugin."""
        return self._crm if isinstance(self._crm, tuple) else ()

    @cached_property
    def _crm(self) -> TestCrm | tuple[str, ...]:
        _ = self.bare  # what is wrong without the plugin is not its fault, and is raised
        try:
            crm = self._make_crm()
            _ = crm.schema
        except SetupError as error:
            return error.problems
        except Exception as error:  # what the host did not foresee must not hide what the other rules find
            return (f"A CRM with it cannot be put together: {failure(error)}; correct what the plugin declares.",)
        return crm


def _made(plugins: Sequence[object] = (), disabled: Sequence[str] = (), *, installed: bool = True) -> TestCrm:
    # Heavy: Piccolo, Strawberry and the plugins.
    from crmcore.settings import Settings
    from crmcore.testing import TestCrm

    return TestCrm(Settings(disabled_plugins=tuple(disabled)), plugins=plugins, installed=installed)


def _needed(one: Announced, found: Sequence[Announced]) -> set[str]:
    """Return the plugins whose distributions a plugin's requires, and theirs."""
    needed: set[str] = set()
    waiting = [one]
    while waiting:
        required = {canonicalize_name(Requirement(text).name) for text in waiting.pop().distribution.requires or ()}
        for other in found:
            if other.name not in needed and canonicalize_name(other.distribution.name) in required:
                needed.add(other.name)
                waiting.append(other)
    return needed - {one.name}
