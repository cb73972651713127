"""A plugin that keeps all rules of its tier."""

from __future__ import annotations

from pathlib import Path

from crmcore.testing import contract
from tests.contract import plots

#: The plugin plots keeps every rule of bronze, on each database the tests have; this is how a plugin's suite asks.
test_contract = contract("plots", plugins=[plots], source=Path(__file__).with_name("plots"))
