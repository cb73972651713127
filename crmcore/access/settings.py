"""Settings of access: how long a sign-in lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

__all__ = ["AccessSettings"]


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Section `[plugins.access]` of `crm.toml`.

    Attributes:

        session_idle_minutes: a sign-in ends when it was not used for so long; at least 5.
        session_hours: a sign-in ends after so long, however much it is used.
    """

    session_idle_minutes: Annotated[int, msgspec.Meta(ge=5)] = 480
    session_hours: Annotated[int, msgspec.Meta(ge=1)] = 168

    @property
    def idle(self) -> timedelta:
        """How long a session may rest."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a session may last."""
        return timedelta(hours=self.session_hours)
