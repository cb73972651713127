"""Changing `crm.toml` by a program: one thing changes, comments and everything else stay as somebody wrote them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from crmcore.errors import SetupError

__all__ = ["SettingsFile"]


class SettingsFile:
    """The settings file; `save` writes what was changed.

    Args:

        path: the file; it is made when there is none.

    Raises:

        SetupError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # a link stays one
        try:
            text = self.path.read_text("utf-8") if self.path.exists() else ""
            self._document = tomlkit.parse(text)
        except (OSError, UnicodeDecodeError, TOMLKitError) as wrong:
            msg = f"The settings file {path} cannot be read: {wrong}. Correct it first."
            raise SetupError("cannot-start", [msg]) from wrong
        self._before = text

    @property
    def disabled(self) -> list[str]:
        """Names in `disabled_plugins`."""
        return [str(name) for name in self._document.get("disabled_plugins", ())]

    def disable(self, names: Iterable[str]) -> None:
        """Add names to `disabled_plugins`."""
        if "disabled_plugins" not in self._document:
            self._document["disabled_plugins"] = tomlkit.array()
        for name in names:
            if name not in self.disabled:
                self._document["disabled_plugins"].append(name)

    def enable(self, names: Iterable[str]) -> None:
        """Take names out of `disabled_plugins`."""
        for name in names:
            while name in self.disabled:
                del self._document["disabled_plugins"][self.disabled.index(name)]
        if "disabled_plugins" in self._document and not self.disabled:
            del self._document["disabled_plugins"]

    def section(self, plugin: str) -> str | None:
        """Return a plugin's section as TOML, None without one."""
        plugins = self._document.get("plugins", {})
        if plugin not in plugins:
            return None
        return tomlkit.dumps({"plugins": {plugin: plugins[plugin].unwrap()}})

    def remove_section(self, plugin: str) -> None:
        """Take a plugin's section away."""
        plugins = self._document.get("plugins", {})
        if plugin in plugins:
            del plugins[plugin]
            if not plugins:
                del self._document["plugins"]

    def save(self) -> bool:
        """Write the file, all of it or nothing; False if nothing was changed.

        Raises:

            SetupError: it cannot be written.
        """
        text = tomlkit.dumps(self._document)
        if text == self._before:
            return False
        try:
            self._write(text)
        except OSError as wrong:
            msg = f"The settings file {self.path} cannot be written: {wrong}. Change its rights, or edit it by hand."
            raise SetupError("cannot-start", [msg]) from wrong
        self._before = text
        return True

    def _write(self, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f"{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if self.path.exists():
                shutil.copymode(self.path, name)
            else:
                os.chmod(name, 0o644)
            os.replace(name, self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
