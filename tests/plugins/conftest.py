"""What the tests of the host share: installed distributions, made plugins, and the problems a start ends with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crmcore import Settings, hookimpl
from crmcore.assembly import assemble
from crmcore.errors import SetupError
from crmcore.plugins import discovery
from tests.plugins.installed import GROUP, Site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A folder of installed distributions; nothing else on this machine counts as a plugin."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(discovery, "GROUP", GROUP)
    site = Site(tmp_path)
    yield site
    for module in site.modules:
        sys.modules.pop(module, None)


def made(name: str = "weeds", **hooks: Callable[..., Any]) -> ModuleType:
    """Make a plugin of functions by hook name."""
    module = ModuleType(name)
    module.__dict__.update({hook: hookimpl(function) for hook, function in hooks.items()}, plugin_name=name)
    return module


def refused(*plugins: object, settings: Settings | None = None, installed: bool = False) -> list[str]:
    """Assemble what cannot be assembled and return the problems."""
    with pytest.raises(SetupError) as caught:
        assemble(settings or Settings(), plugins, installed=installed)
    assert "cannot-start" == caught.value.code
    return list(caught.value.problems)
