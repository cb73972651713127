"""Taking a plugin's data away: what it is, a copy of it, and its end."""

from crmcore.plugins.removal.copying import copied
from crmcore.plugins.removal.purging import purge, traces

__all__ = ["copied", "purge", "traces"]
