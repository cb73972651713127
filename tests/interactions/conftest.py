"""A desk."""

from __future__ import annotations

from tests.customers.conftest import desk

__all__ = ["desk"]
