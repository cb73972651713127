"""A plugin that looks for a secret in the environment, which no operator was told of."""

from __future__ import annotations

import os

plugin_name = "peeks"


def secret() -> str:
    """Return somebody's key."""
    return os.environ.get("AWS_SECRET_ACCESS_KEY", "")
