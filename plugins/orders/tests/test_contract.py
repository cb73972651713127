"""What `quality.toml` claims, verified: one test a rule."""

from __future__ import annotations

from crmcore.testing import contract

test_contract = contract("orders")
