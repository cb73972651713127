"""Which plugins there are."""

from __future__ import annotations

import json

from tests.cli.conftest import done, run


def test_plugins_are_listed_in_load_order() -> None:
    """Those of crmcore itself come first, each after those it needs."""
    listed = json.loads(done(run("plugin", "list", "--json")))
    built_in = [plugin["name"] for plugin in listed if plugin["state"] == "built in"]
    assert built_in.index("access") < built_in.index("customers") < built_in.index("interactions")
    assert all(plugin["version"] for plugin in listed if plugin["state"] != "disabled")
