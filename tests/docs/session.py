"""A shell as a reader has it: one folder, one environment, a server that goes on running while one types."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO
from urllib.error import URLError
from urllib.request import urlopen

_SERVE = re.compile(r"\bcrm serve\b")
_TOKEN = re.compile(r"\bcrm_[A-Za-z0-9_-]{20,}")
_PORT = re.compile(r"--port (\d+)")


class Session:
    """Runs the commands of one page's console blocks in turn.

    Args:

        folder: where the reader begins; `cd` goes elsewhere.
        bin_folder: the environment's commands.
        data: folder of the real data sets, None if absent.

    Attributes:

        folder: where the reader is.
        environment: variables, with `CRM_TOKEN` once a server has printed one.
        url: of the server that was started last.
    """

    def __init__(self, folder: Path, bin_folder: Path, data: Path | None = None) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "NO_COLOR": "1"}
        self.url = ""
        if data is not None:
            self.environment["DATA"] = str(data)
        self._server: subprocess.Popen[bytes] | None = None
        self._turn: TextIO | None = None

    def run(self, block: str) -> None:
        """Run what follows each `$ ` of a console block.

        Raises:

            AssertionError: a command failed; the message has its output.
        """
        for command in _commands(block):
            if command.startswith("cd "):
                self.folder /= command.removeprefix("cd ")
            elif _SERVE.search(command):
                self._serve(command)
            else:
                done = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", command],
                    cwd=self.folder,
                    env=self.environment,
                    capture_output=True,
                    text=True,
                    timeout=600,
                    check=False,
                )
                assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"

    def close(self) -> None:
        """Stop the server, as Ctrl-C does."""
        if self._server is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGINT)
            self._server.wait(30)
            self._server = None
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _serve(self, command: str) -> None:
        self.close()
        found = _PORT.search(command)
        port = int(found[1]) if found else 8000
        self.url = f"http://127.0.0.1:{port}"
        # Pages that serve wait for each other, in whatever processes they are run.
        self._turn = (Path(tempfile.gettempdir()) / f"crm-docs-{port}.lock").open("w")
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)), f"Another program listens on port {port}; end it first."
        output = self.folder / "serve.log"
        with output.open("wb") as file:
            self._server = subprocess.Popen(
                ["bash", "-c", f"{command}"],
                cwd=self.folder,
                env=self.environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self._wait(output)
        if found := _TOKEN.search(output.read_text()):
            self.environment["CRM_TOKEN"] = found[0]

    def _wait(self, output: Path) -> None:
        assert self._server is not None
        end = time.monotonic() + 600
        while time.monotonic() < end:
            assert self._server.poll() is None, output.read_text()
            with suppress(URLError, ConnectionError, TimeoutError), urlopen(f"{self.url}/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(output.read_text())


def _commands(block: str) -> Iterator[str]:
    command = ""
    for line in block.splitlines():
        if line.startswith("$ "):
            if command:
                yield command
            command = line[2:]
        elif command.endswith("\\"):
            command += f"\n{line}"
    if command:
        yield command
