"""What the rights of people add to the command line."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from crmcore_compliance.rights import commands
from rights_world import ada_of, asked

from crmcore import ids
from crmcore.testing import TestCrm


def test_each_command_says_what_it_does() -> None:
    """`--help` of all of them."""
    for command in commands.COMMANDS:
        assert 0 == CliRunner().invoke(command, ["--help"]).exit_code


async def test_files_of_a_package_are_written(crm: TestCrm, tmp_path: Path) -> None:
    """With the manifest."""
    request = await asked(crm, await ada_of(crm), "ACCESS")
    files, manifest = await commands.opened(crm, request)
    commands._write(tmp_path / "new", {**files, "manifest.json": commands.canonical(manifest).decode()})

    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert {"data.json", "schema.json", "index.html", "manifest.json"} == written
    assert ids.encode("compliance_request", request) in (tmp_path / "new" / "manifest.json").read_text()
