"""Where settings come from: `crm.toml` or the file CRM_CONFIG names, and above it the `CRM_*` variables."""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from crmcore.deprecations import moved_settings
from crmcore.settings.reader import Reader, closest
from crmcore.settings.structs import Origin, Settings

__all__ = ["load_settings", "plugin_settings"]

logger = logging.getLogger("crmcore.settings")

#: Variables that begin like settings and are none: the file's name, what scripts around `crm` keep, where tests find data.
_OTHERS = frozenset({"CRM_CONFIG", "CRM_TOKEN", "CRM_URL", "CRM_TEST_DATA"})
_NOT_SET = frozenset({"plugins", "origin"})


def load_settings(
    config: Path | None = None, *, database: str | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings; what is wrong with them is kept in `origin.problems`, which `Crm` reports with its own.

    Args:

        config: the file; None takes `CRM_CONFIG`, or `crm.toml` of the current directory if it is there.
        database: the URL of the database, above everything else.
        environment: the variables; None takes the process's.
    """
    environment = os.environ if environment is None else environment
    ours = {k: v for k, v in environment.items() if k.startswith("CRM_") and k not in _OTHERS}
    problems: list[str] = []
    file = config or (Path(environment["CRM_CONFIG"]) if environment.get("CRM_CONFIG") else None)
    document = _document(file or Path("crm.toml"), problems, needed=file is not None)
    moved_settings(document, ours, logger.warning, problems)
    shown = str(file or "crm.toml")
    reader = Reader(shown, ours)
    plugins = document.pop("plugins", {})
    settings = reader.read(Settings, document, skip=_NOT_SET) or Settings()
    origin = Origin(
        file=shown,
        unclaimed={k: v for k, v in ours.items() if k not in reader.claimed},
        problems=(*problems, *reader.problems),
    )
    settings = msgspec.structs.replace(settings, plugins=plugins, origin=origin)
    return msgspec.structs.replace(settings, database=database) if database else settings


def _document(file: Path, problems: list[str], *, needed: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if needed:
            problems.append(f"The settings file {file} does not exist; correct --config or CRM_CONFIG, or write it.")
    except (OSError, UnicodeDecodeError) as wrong:
        problems.append(f"The settings file {file} cannot be read: {wrong}.")
    except tomllib.TOMLDecodeError as wrong:
        problems.append(f"The settings file {file} is no TOML: {wrong}.")
    return {}


def plugin_settings(
    settings: Settings,
    declared: Mapping[str, type[msgspec.Struct] | None],
    disabled: Iterable[str],
    problems: list[str],
) -> Settings:
    """Turn the plugins' sections into the structs they declare.

    Args:

        settings: the settings, with sections as the file has them (or with structs, where a program made them).
        declared: the loaded plugins and the struct each declares, if any.
        disabled: plugins that are installed and not loaded; their sections may stay.
        problems: what is wrong is added here.
    """
    origin, asleep = settings.origin, set(disabled)
    reader = Reader(origin.file, origin.unclaimed)
    ready: dict[str, Any] = {}
    for name, kind in declared.items():
        given = settings.plugins.get(name, {})
        if kind is not None:
            ready[name] = given if isinstance(given, kind) else reader.section(kind, given, f"plugins.{name}")
    strays = [name for name in settings.plugins if declared.get(name) is None and name not in asleep]
    problems += [_stray_section(name, declared) for name in strays]
    problems += reader.problems
    prefixes = tuple(f"CRM_{name.upper()}_" for name in asleep)
    unknown = sorted(v for v in origin.unclaimed if v not in reader.claimed and not v.startswith(prefixes))
    problems += [_stray_variable(variable) for variable in unknown]
    return msgspec.structs.replace(settings, plugins=ready)


def _stray_section(name: str, declared: Mapping[str, object]) -> str:
    if name in declared:
        return f"[plugins.{name}] is set, but plugin {name!r} has no settings; remove the section."
    hint = closest(name, [n for n, kind in declared.items() if kind is not None])
    return f"[plugins.{name}] is set, but no plugin of that name is loaded; install it, or correct the name: {hint}"


def _stray_variable(variable: str) -> str:
    return (
        f"The variable {variable} is no setting of the core nor of a loaded plugin; correct or unset it "
        "(docs/reference/settings.md has the names; Kubernetes sets such variables for a service called crm: "
        "enableServiceLinks: false stops that)."
    )
