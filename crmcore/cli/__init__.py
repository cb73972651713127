"""The command line `crm`: one module a command, each loaded when it is called."""

from __future__ import annotations

import click

from crmcore._version import __version__
from crmcore.cli.group import CrmGroup
from crmcore.cli.running import with_crm

__all__ = ["main", "with_crm"]


@click.group(cls=CrmGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="crm")
def main() -> None:
    """Serve a CRM, and look after it.

    Settings come from crm.toml (or --config FILE) and CRM_* variables; --database URL is above both.
    """
