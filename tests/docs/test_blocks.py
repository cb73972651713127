"""Every code block of README and docs is run."""

from __future__ import annotations

import ast
import inspect
import json
import os
import shutil
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmcore import Actor, Crm
from crmcore.interchange.seed import seed
from tests.docs.blocks import LANGUAGES, ROOT, TYPED, Block, blocks_of, pages
from tests.docs.session import Session
from tests.docs.tried import Trial

ALL = {page: list(blocks_of(page)) for page in pages()}


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def of_language(language: str) -> list[Any]:
    """Give the blocks of each page that has some of the language, with the files it has the reader write."""
    found = []
    for page, blocks in ALL.items():
        kept = [b for b in blocks if (b.language == language or b.file) and b.excuse is None]
        if page != TYPED and any(b.language == language for b in kept):
            found.append(pytest.param(kept, id=named(page)))
    return found


def test_every_block_says_what_it_is() -> None:
    """A block without a language, or with one nobody runs, would go unchecked."""
    unknown = [
        f"{b.path}:{b.line} {b.language!r}" for blocks in ALL.values() for b in blocks if b.language not in LANGUAGES
    ]

    assert [] == unknown


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder to work in, whose modules are imported by their names and forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [n for n, m in sys.modules.items() if (getattr(m, "__file__", None) or "").startswith(str(tmp_path))]:
        del sys.modules[name]


@pytest.mark.parametrize("blocks", of_language("python"))
async def test_python(blocks: list[Block], desk: Path) -> None:
    """A page's Python runs from top to bottom, each block seeing what those above it made; its tests pass."""
    names: dict[str, Any] = {"__name__": "docs"}
    trial = Trial(desk, (ROOT / blocks[0].path).read_text("utf-8"))
    for block in blocks:
        if block.file:
            block.write(desk)
            if Path(block.file).name.startswith("test_"):
                await trial.run(desk / block.file)
            continue
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        source = "\n" * block.line + block.text
        code = compile(source, block.path, "exec", flags=flags, dont_inherit=True)
        outcome = eval(code, names)
        if inspect.iscoroutine(outcome):
            await outcome


@pytest.mark.parametrize("blocks", of_language("toml"))
def test_toml(blocks: list[Block]) -> None:
    """TOML parses."""
    assert [tomllib.loads(block.text) for block in blocks if block.language == "toml"]


@pytest.mark.parametrize("language", ["javascript", "typescript", "json"])
def test_excerpts(language: str) -> None:
    """What a page shows of a client stands so in a program that `tox -e clients` runs."""
    clients = [path for path in (ROOT / "tests" / "clients").rglob("*.*") if "node_modules" not in path.parts]
    programs = [p.read_text("utf-8") for p in clients if p.suffix in {".mjs", ".ts", ".js", ".json"}]
    shown = [b for blocks in ALL.values() for b in blocks if b.language == language and b.excuse is None]

    assert shown
    assert [] == [f"{b.path}:{b.line}" for b in shown if not any(b.text in program for program in programs)]


#: Speaks of a plugin that the environment of these tests does not have.
ELSEWHERE = ROOT / "examples" / "third_party_plugin" / "README.md"


@pytest.mark.parametrize("blocks", [page for page in of_language("graphql") if page.id != named(ELSEWHERE)])
async def test_graphql(blocks: list[Block], crm: Crm) -> None:
    """Each operation, sent to a CRM with demonstration data, answers without errors and without a Problem."""
    await seed(crm, scenario="b2b", seed=1, size=50)
    for block in (b for b in blocks if b.language == "graphql"):
        answer = await crm.execute(block.text, actor=Actor.system())

        assert "errors" not in answer, f"{block.path}:{block.line} {answer}"
        assert '"code"' not in json.dumps(answer["data"]), f"{block.path}:{block.line} {answer}"


@pytest.fixture
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    """Give a shell: for README in a copy of the repository with a fresh environment, else where crmcore is installed."""
    data = Path(os.environ.get("CRM_TEST_DATA", ROOT.parent / "shared" / "data"))
    folder, bin_folder = tmp_path / "crmcore", Path(sys.executable).parent
    if request.node.callspec.id == "README.md":
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "*.db*", "node_modules"))
        venv.create(tmp_path / "fresh", with_pip=True)
        bin_folder = tmp_path / "fresh" / "bin"
    else:
        folder.mkdir()
        for name in ("examples", "plugins", "docs"):
            (folder / name).symlink_to(ROOT / name)
    opened = Session(folder, bin_folder, data if data.is_dir() else None)
    opened.environment["PIP_NO_COMPILE"] = "1"
    yield opened
    opened.close()


@pytest.mark.parametrize("blocks", of_language("console"))
def test_console(blocks: list[Block], session: Session) -> None:
    """A page's commands succeed one after the other, as a reader would type them."""
    if any("$DATA" in block.text for block in blocks) and "DATA" not in session.environment:
        pytest.skip("The real data sets are not here; set CRM_TEST_DATA to the folder that has them.")
    for block in blocks:
        if block.file:
            block.write(session.folder)
        else:
            session.run(block.text)
