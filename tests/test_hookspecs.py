"""The extension points: documented in one form, and none that nothing uses."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from crmcore.plugins.implementations import HOOKS

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("hook", HOOKS)
def test_a_docstring_says_what_when_and_with_what_result(hook: str) -> None:
    """Each hook says what it is for, when it is called, who is asked, its arguments and what it returns."""
    function = HOOKS[hook]
    text = inspect.getdoc(function) or ""
    signature = inspect.signature(function)

    assert re.match(r"[A-Z].*\.\n\nWhen: .*Every plugin is asked[,;. ]", text, re.DOTALL)
    assert ("Returns:\n" in text) is (signature.return_annotation != "None")
    assert ("Args:\n" in text) is bool(signature.parameters)
    assert all(re.search(rf"^    {name}: ", text, re.MULTILINE) for name in signature.parameters)


@pytest.mark.parametrize("hook", HOOKS)
def test_no_hook_without_a_plugin_that_uses_it(hook: str) -> None:
    """A hook that neither a built-in plugin nor one in `plugins/` implements is removed."""
    plugins = [*ROOT.glob("crmcore/*/plugin.py"), *ROOT.glob("plugins/*/crmcore_*/**/*.py")]

    assert any(re.search(rf"^(async )?def {hook}\(", p.read_text("utf-8"), re.MULTILINE) for p in plugins)


def test_hooks_take_keywords_without_defaults() -> None:
    """Specifications have no defaults: pluggy's versions disagree on what they mean."""
    assert [] == [
        f"{hook}({p.name})"
        for hook, function in HOOKS.items()
        for p in inspect.signature(function).parameters.values()
        if p.default is not p.empty
    ]
