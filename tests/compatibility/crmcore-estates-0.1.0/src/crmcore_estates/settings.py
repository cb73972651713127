"""What an operator may set under `[plugins.estates]`."""

from __future__ import annotations

import msgspec

__all__ = ["EstatesSettings"]


class EstatesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the estates plugin.

    Attributes:

        viewing_minutes: how long a viewing takes if nobody says.
        remind_hours: how many hours before a viewing its agent is reminded; 0 reminds nobody.
        public_catalogue: whether everybody may read what is on offer at /plugins/estates/catalogue.json.
    """

    viewing_minutes: int = 30
    remind_hours: int = 24
    public_catalogue: bool = False
