"""The tutorial for authors of plugins is typed, word for word, in an environment in which nothing is installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from crmcore import __version__
from tests.docs.blocks import ROOT, TYPED, Block, blocks_of
from tests.docs.session import Session

BLOCKS = list(blocks_of(TYPED))
_ID = re.compile(r"\b[a-z_]+_…")


@pytest.fixture
def beginner(tmp_path: Path) -> Iterator[Session]:
    """A shell in an empty environment, for which this checkout is the crmcore that the index has."""
    # Not below tmp_path, which is its owner's alone: run as root, PostgreSQL is started as somebody else.
    home = Path(tempfile.mkdtemp(prefix="crm-beginner-"))
    home.chmod(0o755)
    wheels, environment = tmp_path / "wheels", home / "environment"
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(wheels), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)
    (wheels / "released.txt").write_text(f"crmcore=={__version__}\n")
    venv.create(environment, with_pip=True)
    (tmp_path / "desk").mkdir()
    opened = Session(tmp_path / "desk", environment / "bin")
    # The beginner has none of this checkout's paths and settings.
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        opened.environment.pop(name, None)
    opened.environment |= {"PIP_FIND_LINKS": str(wheels), "PIP_CONSTRAINT": str(wheels / "released.txt")}
    opened.environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COMPILE": "1", "PIP_QUIET": "1"}
    yield opened
    opened.close()
    shutil.rmtree(home)


def test_it_takes_less_than_ten_minutes_of_typing() -> None:
    """At forty words a minute, a word being five keystrokes; indentation is the editor's."""
    keystrokes = sum(len(line.strip()) + 1 for block in BLOCKS for line in block.typed.splitlines())

    assert 400 > keystrokes / 5


def test_it_can_be_typed(beginner: Session) -> None:
    """From nothing to a plugin that is bronze, built, installed as others install it; every line as it stands there."""
    answer: dict[str, Any] = {}
    for block in BLOCKS:
        if block.excuse:
            continue
        if block.stands_in:
            written = next(beginner.folder.rglob(Path(block.stands_in).name)).read_text("utf-8")
            assert block.text in written, f"{block.path}:{block.line} is not what the scaffold wrote:\n{written}"
        elif block.file:
            block.write(beginner.folder)
        elif block.language == "graphql":
            answer = _ask(beginner, block, answer)
        else:
            beginner.run(block.text)

    # `crm plugin check` would have failed if it were less.
    assert "bronze" == tomllib.loads((beginner.folder / "quality.toml").read_text("utf-8"))["tier"]


def _ask(beginner: Session, block: Block, before: dict[str, Any]) -> dict[str, Any]:
    found = re.search(r'"id": ?"([^"]+)"', json.dumps(before))
    text = _ID.sub(found[1], block.text) if found else block.text
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {beginner.environment['CRM_TOKEN']}"}
    request = Request(f"{beginner.url}/graphql", json.dumps({"query": text}).encode(), headers)
    with urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    assert "errors" not in answer, answer
    assert "message" not in json.dumps(answer), answer
    return answer
