"""The type contract is whole; `tox -e types` has mypy hold it."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from crmcore.plugins.promised import PROMISED

HERE = Path(__file__).parent


@pytest.mark.parametrize("module", ["crmcore", "crmcore.testing"])
def test_every_public_name_is_used(module: str) -> None:
    """Each name that a plugin may import from here stands in one of these modules, so that its types are held."""
    used = {
        alias.name
        for file in HERE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }

    assert [] == sorted(set(import_module(module).__all__) - used)


def test_nothing_else_of_crmcore_is_used() -> None:
    """The modules import what is promised, and nothing that is not."""
    imported = {
        str(node.module)
        for file in HERE.glob("[!t]*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("crmcore")
    }

    assert [] == sorted(imported - set(PROMISED))
