"""Two CRMs over HTTP in one process, one with sealed fields and one without: what `benchmarks.reading` asks."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from crmcore import Actor, Crm, Settings, Work, actions

ADMIN = "admin@example.com"


def settings_of(folder: Path, name: str, sealed: list[str], opened: int) -> Settings:
    """Return settings of a CRM with its files in a folder, or its databases on the PostgreSQL that `BENCH_SERVER` names."""
    server = os.environ.get("BENCH_SERVER")
    os.environ.setdefault("BENCH_KEY", base64.b64encode(bytes(range(32))).decode())
    compliance = {
        "tenant": "bench",
        "kms": f"file://{folder}/{name}.json?key=env://BENCH_KEY",
        "keystore": server.format(f"{name}_keys") if server else f"sqlite:///{folder}/{name}-keys.db",
        "sealed": sealed,
        "opened": opened,
    }
    database = server.format(name) if server else f"sqlite:///{folder}/{name}.db"
    given = {"database": database, "plugins": {"compliance": compliance}}
    return msgspec.convert(given, Settings)


async def started(folder: Path, name: str, sealed: list[str], opened: int = 5_000) -> Crm:
    """Start a CRM, with an administrator."""
    crm = Crm(settings_of(folder, name, sealed, opened))
    await crm.start(migrate="always")

    async def admin(work: Work) -> None:
        if not await work.find("user", email=ADMIN):
            user = await actions.create(work, "user", {"email": ADMIN, "name": "Ada"})
            (role,) = await work.find("role", key="admin")
            await actions.create(work, "role_assignment", {"user_id": user["id"], "role_id": role["id"]})

    await crm.run(Actor.system("benchmark"), admin)
    return crm


async def serve(folder: Path, ports: dict[str, int], sealed: list[str], opened: int) -> None:
    """Serve both until the process ends."""
    servers = []
    for name, port in ports.items():
        crm = await started(folder, name, sealed if name == "sealed" else [], opened)
        servers.append(uvicorn.Server(uvicorn.Config(_signed_in(crm), port=port, log_level="error", lifespan="off")))
    await asyncio.gather(*(server.serve() for server in servers))


def _signed_in(crm: Crm) -> Any:
    app = crm.asgi()

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "crmcore.user": ADMIN}, receive, send)

    return wrapped


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3]), int(sys.argv[4])))
