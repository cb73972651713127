"""What twenty plugins cost a request that concerns none of them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FrameType
from typing import Any

from crmcore import Crm, Settings
from crmcore.database import ids
from crmcore.entities import actions
from tests.benchmarks.peers import plugins
from tests.customers.desk import ANA

_ONE = "query ($id: ID!) { customer(id: $id) { id displayName country createdAt } }"


@contextmanager
def _called() -> Iterator[Counter[tuple[str, str]]]:
    """Count the calls of Python functions inside, by file and name."""
    counts = Counter[tuple[str, str]]()

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            counts[frame.f_code.co_filename, frame.f_code.co_qualname] += 1

    sys.setprofile(count)
    try:
        yield counts
    finally:
        sys.setprofile(None)


async def _calls(database: Path, added: list[object]) -> Counter[tuple[str, str]]:
    """Return what is called when a customer is asked for by its id."""
    crm = Crm(Settings(database=f"sqlite:///{database}"), plugins=added, installed=False)
    await crm.start(migrate="always")
    try:
        given = {"kind": "PERSON", "family_name": "Li"}
        customer = await crm.run(ANA, lambda work: actions.create(work, "customer", given))
        asked = {"id": ids.encode("customer", customer["id"])}
        for _ in range(3):
            await crm.execute(_ONE, asked, actor=ANA)
        with _called() as calls:
            answer = await crm.execute(_ONE, asked, actor=ANA)
    finally:
        await crm.stop()
    assert {"Li"} == {answer["data"]["customer"]["displayName"]}
    assert len(added) <= len(list(crm.plugins))
    return calls


def _plugins(folder: Path) -> list[object]:
    """Return the plugins that the benchmark installs."""
    plugins.install(folder)
    loaded = list[object]()
    for file in sorted(folder.glob("*/__init__.py")):
        spec = spec_from_file_location(file.parent.name, file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        module.__dict__["plugin_name"] = file.parent.name.removeprefix("crmcore_")
        spec.loader.exec_module(module)
        loaded.append(module)
    return loaded


async def test_a_request_that_concerns_no_plugin_calls_none(tmp_path: Path) -> None:
    """Twenty with a field, a permission and a handler each: not one call more, of theirs or of anybody's."""
    added = _plugins(tmp_path)
    assert 20 == len(added)
    without, with_them = await _calls(tmp_path / "without.db", []), await _calls(tmp_path / "with.db", added)
    assert {} == with_them - without
    assert [] == [name for file, name in with_them if str(tmp_path) in file]
