"""`crm upgrade --plan`, from the installed version 1 of a plugin to version 3 on an index."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner, Result

from crmcore import Crm, Settings
from crmcore.cli import main
from crmcore.upgrade.planning import UpgradePlan
from crmcore.upgrade.told import lines
from tests.upgrade import ants


class Ran(NamedTuple):
    """What was printed, and what there was before and after."""

    json: dict[str, Any]
    text: str
    before: dict[str, str]
    after: dict[str, str]
    code: int


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Plan once, for all tests: pip and a temporary environment take a few seconds."""
    here = tmp_path_factory.mktemp("upgrade")
    index, installed = here / "index", here / "installed"
    index.mkdir()
    ants.install(installed, 1, ["crmcore"])
    ants.wheel(index, "crm-ants", "3.0", requires=["crmcore>=0.1"], content=ants.files(3))
    ants.wheel(index, "crm-ants", "4.0", requires=["crmcore>=99"], content=ants.files(3))
    others = ", ".join(f'"{e.name}"' for e in entry_points(group="crmcore.plugins"))
    (here / "crm.toml").write_text(f'database = "sqlite:///{here}/ants.db"\ndisabled_plugins = [{others}]\n', "utf-8")
    asyncio.run(_filled(f"sqlite:///{here}/ants.db", here))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.syspath_prepend(installed)
        patch.delenv("CRM_DISABLED_PLUGINS", raising=False)
        for name, value in {"PYTHONPATH": installed, "PIP_NO_INDEX": 1, "PIP_FIND_LINKS": index}.items():
            patch.setenv(name, str(value))
        before = _all(here)
        answer = _called()
        after = _all(here)
    plan = json.loads(answer.stdout)
    text = "\n".join(line for _, line in lines(msgspec.convert(plan, UpgradePlan)))
    return Ran(plan, text, before, after, answer.exit_code)


async def _filled(url: str, here: Path) -> None:
    crm = Crm(Settings(database=url), plugins=[ants.loaded(here / "loaded", 1)], installed=False)
    await crm.start(migrate="always")
    await crm.database.execute("insert into ants_nest (id, name) values ($1, $2)", UUID(int=1), "hill")
    await crm.stop()


def _called() -> Result:
    result = CliRunner().invoke(main, ["upgrade", "--plan", "--json"], prog_name="crm")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _all(here: Path) -> dict[str, str]:
    """Every file of database, settings and environment, with a digest of ours and the age of the interpreter's."""
    ours = {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in here.rglob("*") if p.is_file()}
    site = Path(sys.prefix)
    records = {str(p): str(p.stat().st_mtime_ns) for p in site.glob("lib/python*/site-packages/*")}
    return ours | records | {"variables": str(sorted(os.environ.items()))}


def test_nothing_is_touched(ran: Ran) -> None:
    """Database file, settings file and environment are byte for byte as they were."""
    assert ran.before == ran.after


def test_what_fits_is_found(ran: Ran) -> None:
    """From 1 straight to 3; 4 is newer, and it is said what it would need."""
    (found,) = (v for v in ran.json["versions"]["versions"] if v["name"] == "crm-ants")

    assert (True, 0) == (ran.json["fits"], ran.code)
    assert ("1.0", "3.0", "4.0") == (found["now"], found["then"], found["newest"])
    assert found["held_back"][0].startswith("crm-ants 4.0 needs crmcore>=99")


def test_the_new_versions_own_migrations_are_told(ran: Ran) -> None:
    """They are of the version that is not installed, and of those between."""
    assert [("ants", "0002_sizes"), ("ants", "0003_titles")] == [
        (m["plugin"], m["name"]) for m in ran.json["then"]["migrations"]
    ]


def test_what_rows_are_gone_through_is_told(ran: Ran) -> None:
    """An index on a table that is there reads its rows; how many there are is said."""
    assert (
        'create index "ants_nest_size_idx" on "ants_nest" ("size")\n      reads all rows of ants_nest, about 1 rows'
        in ran.text
    )


def test_the_way_there_and_back(ran: Ran) -> None:
    """A backup first; back by the new version's own migrations, as far as the database was, then the old version."""
    assert "vacuum into" in ran.json["steps"][0]
    assert "crm migrate" == ran.json["steps"][-1]
    assert ["crm migrate --down ants 0001", f"{sys.executable} -m pip install crm-ants==1.0"] == ran.json["back"]


def test_what_cannot_be_taken_back_is_told(ran: Ran) -> None:
    """A function without a way back: only the backup helps."""
    (sentence,) = ran.json["onlyBackup"]

    assert "ants_0003_titles" in sentence
    assert "one_ant_a_nest has no `down`" in sentence


def test_what_a_plugin_does_more_is_told(ran: Ran) -> None:
    """A version that connects to the network for the first time says so before it is let in."""
    assert "It connects to api.example.com." in ran.json["doesMore"]["ants"]
    assert "What ants says it does, and did not say before" in ran.text
