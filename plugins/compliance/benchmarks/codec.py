"""Sealing and opening one value, key in memory, against OpenSSL alone on the same core: `python -m benchmarks.codec`."""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from collections.abc import Callable
from os import urandom
from typing import Any
from uuid import UUID, uuid4

import click
from crmcore_compliance.crypto import Place, open_wire, seal_wire
from crmcore_compliance.keys import Key, KeyState
from crmcore_compliance.sealing.canonical import CANONICAL
from crmcore_compliance.sealing.cells import door_of, open_cells, opener_of, seal_cells
from crmcore_compliance.sealing.texts import unpack

from crmcore import kinds
from crmcore.entities.sealing import Cell

_SIZE = 100
_RECORDS, _FIELDS = 50, 6
_GOALS = {"seal": 0.12, "open": 0.14}
_SPEED = re.compile(rb"AES-256-GCM\s+([\d.]+)k", re.IGNORECASE)


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Rounds; the median of their ratios counts.")
@click.option("--seconds", default=1, show_default=True, help="Seconds of OpenSSL in each round.")
def main(rounds: int, seconds: int) -> None:
    """Compare; exit with 1 if a ratio is below its goal."""
    operations = {**_codec(), **_plain()}
    rates: dict[str, list[float]] = {name: [] for name in operations}
    ratios: dict[str, list[float]] = {name: [] for name in operations}
    for _ in range(rounds):
        floor = _openssl(seconds)
        for name, operation in operations.items():
            rate = _rate(operation)
            rates[name].append(rate)
            ratios[name].append(rate / floor)
    for name, found in rates.items():
        click.echo(f"{name:<12} {statistics.median(found):>12,.0f}/s  {statistics.median(ratios[name]):.3f} of OpenSSL")
    low = [name for name, goal in _GOALS.items() if statistics.median(ratios[name]) < goal]
    raise SystemExit(f"Below the goal: {', '.join(low)}." if low else 0)


def _codec() -> dict[str, Callable[[], int]]:
    """The whole way: values of a page to stored texts, and back."""
    canonical = CANONICAL[kinds.TEXT]
    doors = {f"c{n}": door_of("bench", f"customer.c{n}", canonical, plain=None, loose=False) for n in range(_FIELDS)}
    people = [uuid4() for _ in range(_RECORDS)]
    keys: dict[UUID | None, Key] = {each: _key(n + 1, each) for n, each in enumerate(people)}
    cells = [Cell(column, each, each, "x" * _SIZE) for each in people for column in doors]
    sealed = [
        Cell(cell.column, cell.id, cell.subject, text)
        for cell, text in zip(cells, seal_cells(cells, doors, keys), strict=True)
    ]

    def seal() -> int:
        return len(seal_cells(cells, doors, keys))

    def open_() -> int:
        # What is found in memory for each page anew is part of it.
        ready: dict[bytes, Any] = {key.header: opener_of(key) for key in keys.values()}
        return len(open_cells(sealed, unpack(sealed), doors, ready, past=False))

    return {"seal": seal, "open": open_}


def _plain() -> dict[str, Callable[[], int]]:
    """The adapters alone, a value at a time."""
    key, row = _key(1, uuid4()), uuid4()
    place, plain = Place("bench", "customer.name", "text"), b"x" * _SIZE
    wire = key.seal(place.aad(row, key.subject, key.id), plain)

    def seal() -> int:
        for _ in range(300):
            seal_wire(key.aead, key.header, plain, place.aad(row, key.subject, key.id))
        return 300

    def open_() -> int:
        for _ in range(300):
            open_wire(key.aead, key.header, wire, place.aad(row, key.subject, key.id))
        return 300

    return {"seal_wire": seal, "open_wire": open_}


def _key(id: int, subject: UUID) -> Key:
    return Key(id, subject, "AES256_GCM", KeyState.ACTIVE, urandom(32))


def _rate(operation: Callable[[], int], seconds: float = 0.5) -> float:
    """Return how many values a second of processor time takes."""
    operation()
    done, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        done += operation()
    return done / took


def _openssl(seconds: int) -> float:
    """Return how many encryptions OpenSSL alone does in a second of processor time."""
    asked = ["openssl", "speed", "-seconds", str(seconds), "-bytes", str(_SIZE), "-evp", "aes-256-gcm"]
    told = subprocess.run(asked, capture_output=True, check=True).stdout  # noqa: S603 - nothing of it is given
    found = _SPEED.findall(told)
    return float(found[-1]) * 1000 / _SIZE


if __name__ == "__main__":
    main()
