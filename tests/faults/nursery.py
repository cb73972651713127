"""Makes processes of `crm` by forking one that has imported everything: they start in a quarter of the processor time.

What they run is the command itself (`crmcore.cli.main`), settings, plugins, schema, migrations and all. A run of the fault
test starts hundreds of processes, and without this it would mostly test how Python imports modules.
"""

from __future__ import annotations

import gc
import os
import pkgutil
import select
import socket
import sys
import traceback
from importlib import import_module
from pathlib import Path

import msgspec

from tests.faults.parenthood import die_with_parent

__all__ = ["Order"]

_FOLDERS = ("crmcore.cli.commands", "crmcore.graphql", "crmcore.http", "crmcore.jobs", "crmcore.events")
_MODULES = ("crmcore.app", "crmcore.access.first", "crmcore.cli.first_start", "uvicorn", "websockets.asyncio.server")


class Order(msgspec.Struct, frozen=True):
    """A process that is wanted.

    Attributes:

        words: of the command line, without `crm`.
        environment: its variables.
        log: where its output goes; it runs in that folder.
    """

    words: tuple[str, ...]
    environment: dict[str, str]
    log: str


def main(path: str) -> None:
    """Take orders on a Unix socket until the process that started this one ends."""
    _import_everything()
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    # Who sees the path can connect: between `bind` and `listen` a busy machine refuses.
    listener.bind(f"{path}.new")
    listener.listen(16)
    Path(f"{path}.new").rename(path)
    clients: dict[int, socket.socket] = {}
    while True:
        if select.select([listener], [], [], 0.01)[0]:
            client, _ = listener.accept()
            order = msgspec.json.decode(client.makefile().readline(), type=Order)
            if (child := os.fork()) == 0:
                listener.close()
                client.close()
                _become(order)
            client.sendall(b"%d\n" % child)
            clients[child] = client
        _tell_of_ends(clients)


def _import_everything() -> None:
    from crmcore.plugins.names import BUILT_IN

    for name in (*_MODULES, *(f"crmcore.{plugin}.plugin" for plugin in BUILT_IN)):
        import_module(name)
    for folder in _FOLDERS:
        for found in pkgutil.iter_modules(import_module(folder).__path__, f"{folder}."):
            import_module(found.name)


def _tell_of_ends(clients: dict[int, socket.socket]) -> None:
    while clients:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with clients.pop(child) as client:
            client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(order: Order) -> None:
    code = 1
    try:
        os.setsid()
        die_with_parent()
        log = os.open(order.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.environ.clear()
        os.environ.update(order.environment)
        os.chdir(Path(order.log).parent)
        sys.argv[:] = ["crm", *order.words]
        from crmcore.cli import main as crm

        crm()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()  # nobody else would say why
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
