"""`crm serve`: the server, and everything a first start needs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.first_start import prepare
from crmcore.cli.quick import quick_start
from crmcore.cli.running import settings_options
from crmcore.cli.size import SIZE, SIZES

if TYPE_CHECKING:
    import socket

    from crmcore.settings import Settings

__all__ = ["command"]

#: What `--demo` works on when no database is named: never the one that the settings name.
_DEMO = "sqlite:///crm-demo.db"


@click.command("serve")
@click.option(
    "--demo", is_flag=True, help="Serve demonstration data, from crm-demo.db unless --database says otherwise."
)
@click.option(
    "--size",
    type=SIZE,
    metavar="SIZE",
    default="small",
    show_default=True,
    help=f"Customers of a new demonstration: {SIZES}.",
)
@click.option("--host", help="Address to listen on instead of the settings' one; 0.0.0.0 is every network.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="TCP port instead of the settings' one; 0 takes a free one."
)
@settings_options
def command(
    demo: bool, size: int, host: str | None, port: int | None, database: str | None, config: Path | None
) -> None:
    """Serve the CRM over HTTP.

    A new database is made ready first, and a token for its administrator is printed once. One that lacks migrations is
    refused: crm migrate brings it up to date.
    """
    # Heavy: msgspec; the rest follows.
    from crmcore.cli.log import set_up_log
    from crmcore.settings import load_settings

    settings = load_settings(config, database=database or (_DEMO if demo else None))
    set_up_log(settings.log)
    asyncio.run(
        _serve(settings, size if demo else None, host or settings.host, settings.port if port is None else port)
    )


async def _serve(settings: Settings, demo: int | None, host: str, port: int) -> None:
    with quick_start():
        # Heavy: Litestar, Piccolo, Strawberry, uvicorn.
        from crmcore.app import Crm
        from crmcore.http import application
        from crmcore.http.server import listen, serve

        listener = listen(host, port)
        crm = Crm(settings)
        app = application(crm)
    try:
        token = await prepare(crm, demo)
        _announce(crm.database.shown, _address(host, listener), token)
        await serve(app, listener, settings.http, lambda: crm.audiences.close())  # noqa: PLW0108 - those there are then
    finally:
        listener.close()
        await crm.stop()


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}"


def _announce(database: str, address: str, token: str | None) -> None:
    lines = [
        ("Database", database),
        ("GraphiQL", f"{address}/graphiql"),
        ("API", f"{address}/graphql"),
        ("Token", token or "shown at the first start; crm token issue PERSON makes another"),
    ]
    for name, text in lines:
        click.echo(f"{click.style(name, bold=True):<{10 + len(click.style('', bold=True))}}{text}")
    if token:
        click.echo("The token is shown this once. Sign in with it, or send it: Authorization: Bearer TOKEN")
