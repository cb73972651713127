"""The one error of everything that cannot be opened; why it cannot is for the security log alone (ASVS 11.2.5)."""

from __future__ import annotations

import logging
from typing import Final

from crmcore import errors

__all__ = ["SECURITY_LOG", "Unreadable"]

#: Where the causes go; nothing in it is personal: key ids, fields and records.
SECURITY_LOG: Final = logging.getLogger("crmcore.compliance.security")


class Unreadable(errors.Unreadable):
    """A value was altered or moved, or is sealed with a key that nobody has; which of these, the security log says."""

    def __init__(self) -> None:
        super().__init__("A sealed value cannot be opened.")

    @classmethod
    def because(cls, cause: str) -> Unreadable:
        """Make the error and tell the security log why.

        Args:

            cause: a sentence without personal data.
        """
        SECURITY_LOG.warning("A sealed value cannot be opened: %s", cause)
        return cls()
