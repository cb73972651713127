"""Making, reading and re-wrapping keys by the ten thousand, in processor time: `python -m benchmarks.keystore`."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import click
from crmcore_compliance.keys import Keyring, upkeep
from crmcore_compliance.settings import ComplianceSettings

_LOT = 1000


@click.command()
@click.option("--subjects", default=20_000, show_default=True, help="How many keys.")
def main(subjects: int) -> None:
    """Measure a keystore in a file."""
    os.environ["BENCH_KEY"] = b64encode(os.urandom(32)).decode()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), subjects))


async def _measure(folder: Path, many: int) -> None:
    settings = ComplianceSettings(kms="env://BENCH_KEY", keystore=f"sqlite:///{folder}/keystore.db")
    keyring = await Keyring.open(settings)
    people = [uuid4() for _ in range(many)]
    lots = [people[start : start + _LOT] for start in range(0, many, _LOT)]

    async def make() -> None:
        for lot in lots:
            await keyring.subject_keys(lot)

    async def read() -> None:
        for lot in lots:
            await fresh.subject_keys(lot, create=False)

    async def rewrap() -> None:
        async for _ in upkeep.rotate(keyring):
            pass

    async def destroy() -> None:
        for subject in people[:_LOT]:
            await keyring.destroy(subject)

    await _told("keys made", many, make)
    fresh = await Keyring.open(settings)
    await _told("keys read that were not in memory", many, read)
    await _told("keys wrapped anew", many, rewrap)
    await _told("subjects' keys destroyed, one by one", _LOT, destroy)
    await fresh.close()
    await keyring.close()


async def _told(what: str, many: int, work: Callable[[], Awaitable[None]]) -> None:
    began, waited = time.process_time(), time.perf_counter()
    await work()
    took, waited = time.process_time() - began, time.perf_counter() - waited
    click.echo(f"{what}: {many / took:,.0f} per second of processor time ({many / waited:,.0f} as time goes)")


if __name__ == "__main__":
    main()
