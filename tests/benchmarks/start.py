"""What a start costs: time until `crm serve` answers on an existing database, idle memory, and import time.

Run by hand, or by `tox -e bench`. It prints figures beside what was aimed at, and judges nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

CRM = [sys.executable, "-m", "crmcore.cli"]
AIMS = {"start": 1.5, "memory": 120.0, "import": 0.5}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="starts that are measured")
    parser.add_argument("--demo", action="store_true", help="on demonstration data instead of an empty CRM")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/crm.db"
        demo = ["--demo"] if asked.demo else []
        with served([*demo, "--database", database]):
            pass  # the first start makes the database
        starts, memory = [], (0.0, 0.0)
        for _ in range(asked.rounds):
            with served(["--database", database]) as (process, seconds):
                time.sleep(1)
                starts.append(seconds)
                memory = memory_of(process.pid)
    click.echo(
        f"start until /ready   {statistics.median(starts):6.2f} s     aim {AIMS['start']} (min {min(starts):.2f}, max {max(starts):.2f})"
    )
    click.echo(f"idle memory PSS      {memory[1]:6.1f} MB    aim {AIMS['memory']:.0f} (RSS {memory[0]:.1f})")
    own, others = import_times()
    click.echo(f"import, own modules  {own:6.3f} s     aim {AIMS['import']}")
    click.echo("import, the rest     " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in others))


@contextmanager
def served(options: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Serve while the block runs; gives the process and the seconds until it was ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*CRM, "serve", "--port", str(port), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not answers(f"http://127.0.0.1:{port}/ready"):
            if process.poll() is not None or time.perf_counter() - began > 300:
                sys.exit(f"crm serve did not become ready (exit code {process.poll()}).")
            time.sleep(0.005)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(url: str) -> bool:
    """Say whether the server answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def memory_of(pid: int) -> tuple[float, float]:
    """Return resident and proportional memory of a process, in MB (Linux)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    rss, pss = (re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE) for name in ("Rss", "Pss"))
    assert rss is not None
    assert pss is not None
    return int(rss[1]) * 1024 / 1e6, int(pss[1]) * 1024 / 1e6


def import_times() -> tuple[float, list[tuple[str, float]]]:
    """Return seconds spent in crmcore's own modules, and in others by package, when everything that serves is imported."""
    code = (
        "from crmcore.cli.quick import quick_start\n"
        "with quick_start():\n"
        "    from crmcore import Crm; import crmcore.http.server, crmcore.cli.first_start; Crm().asgi()"
    )
    environment = {**os.environ, "CRM_DATABASE": "sqlite:///never-opened.db"}
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    spent: Counter[str] = Counter()
    for own, name in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", run.stderr, re.MULTILINE):
        spent[name.partition(".")[0]] += int(own)
    own_seconds = spent.pop("crmcore") / 1e6
    return own_seconds, [(name, microseconds / 1e6) for name, microseconds in spent.most_common(12)]


if __name__ == "__main__":
    main()
