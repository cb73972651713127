"""A page of records with sealed fields, and a look-up by a sealed one, against the same without: `python -m benchmarks.reading`."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from benchmarks.filling import fill
from benchmarks.server import running
from benchmarks.serving import started
from crmcore import Actor, Crm, Work, actions

_FIELDS = ("givenName", "familyName", "birthDate", "jobTitle", "department", "description")
_SEALED = [*(f"customer.{name}" for name in _FIELDS), "contactPoint.normalized", "contactPoint.value"]
_PAGE = f"{{ customers(first: 50) {{ nodes {{ id {' '.join(_FIELDS)} }} }} }}"
_LOOK_UP = """query ($value: String!) {
    contactPoints(first: 10, filter: {type: {eq: EMAIL}, normalized: {eq: $value}}) { nodes { id normalized } }
}"""
_GOALS = {"page": 1.5, "look-up": 1.2}
_PEOPLE, _WARM = 1_000, 50


@click.command()
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--rows", default=1_000_000, show_default=True, help="Contact points to look among.")
@click.option("--rounds", default=300, show_default=True, help="Requests of each.")
@click.option(
    "--opened", default=5_000, show_default=True, help="Opened records that are remembered; 0: each is opened."
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the data stays for the next run; else it is gone afterwards.",
)
def main(database: str, rows: int, rounds: int, opened: int, folder: Path | None) -> None:
    """Compare medians; exit with 1 if a ratio is above its goal. The page is the same each time, the value another.

    Each value is another person's, so in the first thousand look-ups no key is in memory, and afterwards all are.
    """
    with _place(folder, f"{database}-{rows}") as place, _on(database, place):
        if not (prepared := place / "prepared").exists():
            asyncio.run(_prepare(place, rows))
            prepared.touch()
        with _served(place, opened) as ask:
            found = _ratios(ask, rows, min(rounds, _PEOPLE))
    high = [name for name, goal in _GOALS.items() if found[name] > goal]
    raise SystemExit(f"Above the goal: {', '.join(high)}." if high else 0)


@contextmanager
def _place(folder: Path | None, name: str) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="compliance-bench-") as place:
            yield Path(place)
        return
    place = folder.absolute() / name
    if not (place / "prepared").exists():
        # What was broken off is begun anew.
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
    yield place


@contextmanager
def _on(database: str, place: Path) -> Iterator[None]:
    if database == "sqlite":
        yield
        return
    with running(place / "postgresql") as (server, new):
        for name in ("plain", "plain_keys", "sealed", "sealed_keys") if new else ():
            server.execute(f"create database {name}")
        os.environ["BENCH_SERVER"] = server.url("{}")
        yield


def _ratios(ask: Callable[[str, Any], Any], rows: int, rounds: int) -> dict[str, float]:
    questions = _questions(rows)
    look_up = questions["look-up"]
    for which in ("plain", "sealed"):
        for _ in range(_WARM):
            # Of somebody who is not asked for again, so that what is measured is not the first request of a process.
            ask(which, look_up(_PEOPLE - 1))
    first = _compared("look-up, keys to be fetched", ask, look_up, rounds)
    for n in range(_PEOPLE):
        ask("sealed", look_up(n))
    return {"first": first, **{name: _compared(name, ask, question, rounds) for name, question in questions.items()}}


async def _prepare(folder: Path, rows: int) -> None:
    for name, sealed in (("plain", []), ("sealed", _SEALED)):
        crm = await started(folder, name, sealed)
        began = time.perf_counter()
        await _people(crm)
        await fill(crm, rows)
        # As the databases' own upkeep does sooner or later.
        await crm.database.execute("analyze")
        click.echo(f"{name}: {rows} contact points in {time.perf_counter() - began:.0f} s")
        await crm.stop()


async def _people(crm: Crm) -> None:
    async def unit(work: Work) -> None:
        for n in range(50):
            values = {
                "kind": "PERSON",
                "given_name": f"Ana {n}",
                "family_name": f"Roe-{n}",
                "birth_date": date(1970, 1, 1) + timedelta(days=97 * n),
                "job_title": "Chief buyer",
                "department": "Purchasing",
                "description": "Likes to be called in the morning. " * 3,
            }
            await actions.create(work, "customer", values)

    await crm.run(Actor.system("benchmark"), unit)


def _questions(rows: int) -> dict[str, Callable[[int], dict[str, Any]]]:
    return {
        "page": lambda _: {"query": _PAGE},
        "look-up": lambda n: {
            "query": _LOOK_UP,
            "variables": {"value": f"person{n * 7919 % rows}@example.com"},
        },
    }


def _compared(name: str, ask: Callable[[str, Any], Any], question: Callable[[int], Any], rounds: int) -> float:
    took: dict[str, list[float]] = {"plain": [], "sealed": []}
    for n in range(rounds):
        # By turns, so that a busy machine is as busy for both.
        answers = {}
        for which, times in took.items():
            began = time.perf_counter()
            answers[which] = ask(which, question(n))
            times.append(time.perf_counter() - began)
        (one, two) = [_shape(answer) for answer in answers.values()]
        if one != two:
            msg = f"The answers differ: {answers}"
            raise SystemExit(msg)
    plain, sealed = (statistics.median(times[rounds // 10 :]) for times in took.values())
    click.echo(f"{name}: {plain * 1000:.2f} ms plain, {sealed * 1000:.2f} ms sealed, ratio {sealed / plain:.2f}")
    return sealed / plain


def _shape(answer: Any) -> Any:
    ((_, found),) = answer["data"].items()
    return [{key: value for key, value in node.items() if key != "id"} for node in found["nodes"]]


@contextmanager
def _served(folder: Path, opened: int) -> Iterator[Callable[[str, Any], Any]]:
    ports = {name: _free() for name in ("plain", "sealed")}
    command = [
        sys.executable,
        "-m",
        "benchmarks.serving",
        str(folder),
        json.dumps(ports),
        json.dumps(_SEALED),
        str(opened),
    ]
    server = subprocess.Popen(command)  # noqa: S603 - our own module
    connections: dict[str, http.client.HTTPConnection] = {}

    def ask(which: str, body: Any) -> Any:
        connection = connections.setdefault(which, http.client.HTTPConnection("127.0.0.1", ports[which]))
        connection.request("POST", "/graphql", json.dumps(body), {"content-type": "application/json"})
        return json.loads(connection.getresponse().read())

    try:
        for which in ports:
            _wait(lambda which=which: ask(which, {"query": "{ __typename }"}), connections, which)
        yield ask
    finally:
        server.terminate()
        server.wait()


def _wait(attempt: Callable[[], Any], connections: dict[str, Any], which: str) -> None:
    for _ in range(600):
        try:
            attempt()
        except OSError:
            connections.pop(which, None)
            time.sleep(0.2)
        else:
            return
    msg = "The server does not answer."
    raise SystemExit(msg)


def _free() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


if __name__ == "__main__":
    main()
