"""A desk, and a pipeline that deals go through."""

from __future__ import annotations

from tests.customers.conftest import desk
from tests.pipelines.board import board

__all__ = ["board", "desk"]
