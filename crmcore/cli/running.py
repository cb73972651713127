"""Giving a command a CRM: the options that say which, and the event loop it runs in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from crmcore.cli.quick import quick_start

if TYPE_CHECKING:
    from crmcore.access.actor import Actor
    from crmcore.app import Crm
    from crmcore.settings import Settings

__all__ = ["load_quietly", "operator", "settings_options", "with_crm"]

P = ParamSpec("P")
R = TypeVar("R")


def settings_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--database URL` and `--config FILE`; the function gets `database` and `config`."""
    file = click.Path(path_type=Path, dir_okay=False)
    command = click.option("--config", type=file, metavar="FILE", help="Settings file instead of crm.toml.")(command)
    url = "sqlite:///crm.db or postgresql://user:password@host/name."
    return click.option("--database", metavar="URL", help=f"Database instead of the settings' one: {url}")(command)


def load_quietly(config: Path | None, database: str | None) -> Settings:
    """Read the settings, and let the log show only what went wrong, as fits a command that ends soon."""
    import msgspec

    from crmcore.cli.log import set_up_log
    from crmcore.settings import load_settings

    settings = load_settings(config, database=database)
    set_up_log(msgspec.structs.replace(settings.log, level="WARNING"))
    return settings


def with_crm(command: Callable[Concatenate[Crm, P], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make an async function a command's: it gets a started CRM first, and the command the options that say which.

    Example:

        @click.command()
        @with_crm
        async def today(crm: Crm) -> None:
            \"\"\"Show what is due today.\"\"\"
    """

    @settings_options
    @wraps(command)
    def run(*args: Any, database: str | None, config: Path | None, **kwargs: Any) -> None:
        with quick_start():
            # Heavy: Piccolo and the plugins.
            import asyncio

            from crmcore.app import Crm

            crm = Crm(load_quietly(config, database))

        async def job() -> None:
            async with crm:
                await command(crm, *args, **kwargs)

        asyncio.run(job())

    return run


def operator() -> Actor:
    """Return the actor of commands: whoever may run them on the server may do everything; their login is recorded."""
    import getpass

    from crmcore.access.actor import Actor

    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        login = "unknown"
    return Actor.system(f"command line ({login})")
