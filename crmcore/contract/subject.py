"""The plugin that rules look at: what it is, where it is, and CRMs without it, with it, and with everything."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from crmcore.contract.claims import Claims, claims_in
from crmcore.contract.found import Found
from crmcore.contract.grounds import DIALECTS, Grounds
from crmcore.contract.models import Models
from crmcore.contract.places import announcement
from crmcore.contract.rule import Unverified
from crmcore.plugins.capabilities import Capabilities
from crmcore.plugins.plugin import Plugin
from crmcore.testing.factories import Factory, factories_of

if TYPE_CHECKING:
    from crmcore.contract.evidence import Evidence
    from crmcore.testing import TestCrm
    from crmcore.testing.moulds import Mould

__all__ = ["WATCHED", "Subject"]

#: Set in the environment of the run of a plugin's own tests that `evidence` makes, so that they do not check again.
WATCHED = "CRMCORE_CONTRACT_EVIDENCE"


class Subject:
    """One plugin that is checked.

    Attributes:

        name: of the plugin.
        distribution: what brings it; None for an object given to `Crm`.
        module: name of its package (`crmcore_tasks`), or of its module.
        package: folder of the package; the file where the plugin is a single module. None: it is not there.
        source: its source tree, with `pyproject.toml`, `quality.toml` and `tests`; None where it is not at hand.
        claims: what its `quality.toml` claims.
        dialects: the databases it is tried on, SQLite first.
        grounds: where those databases are.
    """

    def __init__(
        self,
        found: Found,
        models: Models,
        grounds: Grounds,
        *,
        dialects: Sequence[str] = DIALECTS,
        inside_its_tests: bool = False,
    ) -> None:
        """Take what was found; made by `installed` and `given`."""
        self.name, self.distribution, self.module = found.name, found.distribution, found.module
        self.package, self.source, self.dialects, self.grounds = found.package, found.source, tuple(dialects), grounds
        self.claims = Claims() if found.source is None else claims_in(found.source)
        self._found, self._models, self._inside_its_tests = found, models, inside_its_tests

    @classmethod
    def installed(cls, name: str, grounds: Grounds, *, source: Path | None = None, **more: Any) -> Subject:
        """Take a plugin that a distribution brings.

        Args:

            name: of the plugin.
            grounds: where its databases are.
            source: its source tree; None looks for it.
            more: `dialects`, and whether its own tests ask: `inside_its_tests`.

        Raises:

            Absent: it is not installed, or a part of crmcore.
        """
        one = announcement(name)
        return cls(Found.installed(one, source), Models.installed(one), grounds, **more)

    @classmethod
    def given(
        cls,
        name: str,
        plugins: Sequence[object],
        grounds: Grounds,
        *,
        source: Path | None = None,
        installed: bool = False,
        bare: TestCrm | None = None,
        **more: Any,
    ) -> Subject:
        """Take a plugin that is an object with a `plugin_name`.

        Args:

            name: its name.
            plugins: the objects that are given to `Crm`: it, and what it requires.
            grounds: where its databases are.
            source: its source tree.
            installed: whether `everything` has the plugins of installed distributions too.
            bare: a CRM without the plugin, if there is one already.
            more: as for `installed`.

        Raises:

            LookupError: no object has the name.
        """
        it = next((thing for thing in plugins if getattr(thing, "plugin_name", None) == name), None)
        if it is None:
            msg = f'None of {plugins!r} is the plugin {name!r}; give the module, with plugin_name = "{name}".'
            raise LookupError(msg)
        models = Models.given(it, plugins, installed=installed, bare=bare)
        return cls(Found.given(name, it, source), models, grounds, **more)

    @cached_property
    def plugin(self) -> Plugin:
        """The plugin.

        Raises:

            Unverified: it cannot be imported.
        """
        return self._found.load()

    @property
    def capabilities(self) -> Capabilities | None:
        """What its `capabilities.toml` declares; a single module that was given to `Crm` has it in its source tree.

        Raises:

            Unreadable: the file cannot be read.
        """
        return self._found.capabilities()

    @property
    def problems(self) -> Sequence[str]:
        """What stops a CRM with the plugin from starting, that does not stop one without it."""
        return self._models.problems

    @property
    def bare(self) -> TestCrm:
        """A CRM with what the plugin requires, and without it; it does not run."""
        return self._models.bare

    @property
    def crm(self) -> TestCrm:
        """A CRM with the plugin and what it requires, with default settings; it does not run.

        Raises:

            Unverified: it cannot be put together.
        """
        return self._models.crm

    @property
    def everything(self) -> TestCrm:
        """A CRM with all installed plugins; it does not run.

        Raises:

            SetupError: they do not fit together.
        """
        return self._models.everything

    def running(
        self, dialect: str, which: Literal["bare", "crm", "everything"] = "crm", **settings: Any
    ) -> AbstractAsyncContextManager[TestCrm]:
        """Run a CRM on a migrated database of its own.

        Args:

            dialect: `"sqlite"` or `"postgresql"`.
            which: which CRM; it makes records as the plugin's own tests do (`tests/factories.py`).
            settings: other than the defaults, as `crm_settings` takes them.

        Raises:

            Unverified: there is no such database here, or the CRM does not start; a rule of its own says why.
        """
        model: TestCrm = getattr(self, which)
        try:
            self.mould(dialect, which)
        except Unverified:
            raise
        except Exception as error:
            msg = f"A CRM with it does not start on {dialect} ({error}); see starts-with-default-settings."
            raise Unverified(msg) from error
        return self.grounds.running(model, dialect, settings, self._factories)

    def mould(self, dialect: str, which: Literal["bare", "crm", "everything"] = "crm") -> Mould:
        """Return the database that all those that run are copies of.

        Raises:

            Unverified: there is no such database here.
            Exception: what went wrong when it was migrated or started.
        """
        # Installing is what plugins have in common: into a CRM that is there already.
        return self.grounds.mould(getattr(self, which), dialect, self.bare)

    @property
    def evidence(self) -> Evidence:
        """What one run of the plugin's own tests showed; the run takes place when this is first asked for.

        Raises:

            Unverified: its tests cannot be run here, or are those that ask.
        """
        if self._inside_its_tests or os.environ.get(WATCHED):
            msg = f"The plugin's tests cannot run themselves; `crm plugin check {self.name}` runs them."
            raise Unverified(msg)
        if isinstance(self._evidence, Unverified):
            raise self._evidence
        return self._evidence

    @cached_property
    def _factories(self) -> Mapping[str, Factory]:
        return factories_of(self.source) if self.source else {}

    @cached_property
    def _evidence(self) -> Evidence | Unverified:
        from crmcore.contract.evidence import evidence_of

        try:
            return evidence_of(self)
        except Unverified as why:
            return why

    def text_of(self, name: str) -> str | None:
        """Return a text of the source tree (`README.md`); None when there is none, or no source tree."""
        path = self.source / name if self.source else None
        return path.read_text("utf-8") if path and path.is_file() else None
