"""The host of plugins: find, check, order and ask them, and keep who gave what."""

from crmcore.plugins.loading import load_plugins
from crmcore.plugins.plugin import Plugin
from crmcore.plugins.plugins import Plugins

__all__ = ["Plugin", "Plugins", "load_plugins"]
