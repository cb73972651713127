"""A served CRM for real clients, and a folder where their build tools may write."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.test_serve import Served, served

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"

#: Runs a program of the workspace against a server and returns what it prints.
Run = Callable[..., str]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the clients to a folder of their own, beside the schema as the repository has it."""
    if shutil.which("node") is None:
        pytest.skip("There is no node here; install Node.js 20 or later.")
    if not PACKAGES.is_dir():
        pytest.skip("The clients are not installed; run npm ci in tests/clients, or tox -e clients.")
    folder = tmp_path_factory.mktemp("clients") / "clients"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("node_modules", "*.py", "__pycache__"))
    (folder / "node_modules").symlink_to(PACKAGES.resolve())
    shutil.copy(HERE.parents[1] / "docs" / "schema.graphql", folder)
    return folder


@pytest.fixture(scope="session")
def demo(workspace: Path) -> Iterator[Served]:
    """Serve a demonstration that answers any document."""
    with served("--demo", "--size", "50", "--database", f"sqlite:///{workspace / 'open.db'}") as server:
        yield server


@pytest.fixture(scope="session")
def run(workspace: Path) -> Run:
    """Return a function that runs a program of the workspace; it fails the test with what the program printed."""

    def run(server: Served, *command: str, folder: str = ".") -> str:
        environment = {**os.environ, "CRM_API": server.printed["API"], "CRM_TOKEN": server.printed["Token"]}
        done = subprocess.run(
            command,
            cwd=workspace / folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def tool(workspace: Path) -> Callable[[str], str]:
    """Return a function that finds a command of the installed packages."""
    return lambda name: str(workspace / "node_modules" / ".bin" / name)


@pytest.fixture(scope="session")
def relay(workspace: Path, demo: Served, run: Run, tool: Callable[[str], str]) -> Path:
    """Compile what a Relay application declares; return its persisted documents."""
    persisted = workspace / "relay" / "generated" / "persisted.json"
    persisted.parent.mkdir()
    persisted.write_text("{}")
    run(demo, tool("relay-compiler"), folder="relay")
    return persisted


@pytest.fixture(scope="session")
def codegen(workspace: Path, demo: Served, run: Run, tool: Callable[[str], str]) -> Path:
    """Generate types from the served schema and compile an application; return its persisted documents."""
    run(demo, tool("graphql-codegen"), "--config", "codegen.ts", folder="codegen")
    run(demo, tool("tsc"), "--project", ".", folder="codegen")
    return workspace / "codegen" / "generated" / "persisted-documents.json"


@pytest.fixture(scope="session")
def closed(workspace: Path, relay: Path, codegen: Path) -> Iterator[Served]:
    """Serve a demonstration that answers the persisted documents of both applications and nothing else."""
    manifests = workspace / "manifests"
    manifests.mkdir()
    shutil.copy(relay, manifests / "relay.json")
    shutil.copy(codegen, manifests / "codegen.json")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CRM_GRAPHQL_PERSISTED_DOCUMENTS", str(manifests))
        environment.setenv("CRM_GRAPHQL_ONLY_PERSISTED", "true")
        with served("--demo", "--size", "50", "--database", f"sqlite:///{workspace / 'closed.db'}") as server:
            yield server
