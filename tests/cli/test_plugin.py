"""Which plugins there are, what each is, and which are loaded: nothing of it imports a plugin."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from crmcore.plugins import discovery
from crmcore.settings.editing import SettingsFile
from tests.cli.conftest import done, run
from tests.plugins.installed import GROUP, Site

_BROKEN = "raise RuntimeError('imported')"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A folder of installed distributions; nothing else of this machine counts, and nothing is disabled."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(discovery, "GROUP", GROUP)
    monkeypatch.delenv("CRM_DISABLED_PLUGINS")
    return Site(folder)


def listed() -> dict[str, dict[str, str]]:
    """Rows of the list by name."""
    return {row["name"]: row for row in json.loads(done(run("plugin", "list", "--json")))}


def test_plugins_are_listed_in_load_order(site: Site) -> None:
    """Those of crmcore itself come first, each after those it needs; then the installed ones likewise."""
    site.add("ants", requires=["crm-bees"])
    site.add("bees")

    names = list(listed())

    assert names.index("access") < names.index("customers") < names.index("interactions")
    assert ["bees", "ants"] == names[-2:]


def test_how_plugins_stand_is_listed(site: Site) -> None:
    """Built in, enabled, disabled, or broken with the reason; none is imported."""
    site.add("ants", version="1.2", requires=["crmcore>=0.1,<99"], code=_BROKEN)
    site.add("bees", requires=["crmcore>=99"], code=_BROKEN)
    site.add("cats", code=_BROKEN)
    Path("crm.toml").write_text('disabled_plugins = ["cats"]', "utf-8")

    result = run("plugin", "list", "--json")
    rows = {row["name"]: row for row in json.loads(result.stdout)}

    assert ["built in", "enabled", "broken", "disabled"] == [
        rows[n]["state"] for n in ("customers", "ants", "bees", "cats")
    ]
    assert ("1.2", "crm-ants", "crmcore<99,>=0.1") == tuple(
        rows["ants"][k] for k in ("version", "distribution", "needs")
    )
    assert "Plugin 'bees' (crm-bees 1.0) requires crmcore>=99, but crmcore is" in result.stderr


def test_a_claimed_tier_is_listed(site: Site, tmp_path: Path) -> None:
    """The quality.toml of a source tree that was installed editable."""
    site.add("ants")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "quality.toml").write_text('tier = "silver"\n', "utf-8")
    said = {"url": (tmp_path / "source").as_uri(), "dir_info": {"editable": True}}
    (tmp_path / "site" / "crm_ants-1.0.dist-info" / "direct_url.json").write_text(json.dumps(said), "utf-8")

    assert ("silver", None) == (listed()["ants"]["tier"], listed()["customers"]["tier"])


def test_a_broken_plugin_is_described(site: Site) -> None:
    """What it is, needs and keeps, who needs it, and where its settings are; it is not imported."""
    site.add("ants", requires=["crmcore>=0.1", "crm-bees>=2"], code=_BROKEN)
    site.add("bees", requires=[], code=_BROKEN)
    Path("crm.toml").write_text('[plugins.bees]\nkey = "hidden"\n', "utf-8")

    ants = json.loads(done(run("plugin", "info", "ants", "--json")))
    bees = json.loads(done(run("plugin", "info", "bees", "--json")))

    assert ("broken", [True, False]) == (ants["state"], [need["met"] for need in ants["needs"]])
    assert (["ants"], ["crm.toml: plugins.bees.key"]) == (bees["neededBy"], bees["settings"])
    assert "hidden" not in done(run("plugin", "info", "bees"))
    assert not {"crm_ants_ants_module", "crm_bees_bees_module"} & sys.modules.keys()


def test_a_description_leaves_the_database_alone(site: Site) -> None:
    """Where there is none, none is made."""
    site.add("ants")

    assert "There is none yet at crm.db." in done(run("plugin", "info", "ants"))
    assert not Path("crm.db").exists()


def test_what_a_plugin_keeps_is_described(site: Site, url: str) -> None:
    """Its tables by name, with the number of rows, and its migrations."""

    site.add("deals")

    found = json.loads(done(run("plugin", "info", "deals", "--json", "--database", url)))["database"]

    assert {"deal": 0, "deal_contact": 0, "deal_stage_change": 0, "deal_total": 0} == found["tables"]
    assert [] == found["migrations"]


def test_what_is_not_there_is_told(site: Site) -> None:
    """A misspelt name is met with the right one; crmcore's own parts are none of these."""
    site.add("ants")

    assert "No plugin 'antz' is installed; did you mean ants?" in run("plugin", "info", "antz").stderr
    assert "'customers' is a part of crmcore" in run("plugin", "disable", "customers").stderr


def test_disabling_changes_one_line_of_the_settings(site: Site) -> None:
    """Comments and everything else stay as somebody wrote them."""
    site.add("ants")
    text = '# Ours.\ndatabase = "sqlite:///crm.db"  # here\n\n[log]\nlevel = "INFO"\n'
    Path("crm.toml").write_text(text, "utf-8")

    done(run("plugin", "disable", "ants"))

    changed = Path("crm.toml").read_text("utf-8")
    assert ("disabled", True) == (listed()["ants"]["state"], 'disabled_plugins = ["ants"]' in changed)
    done(run("plugin", "enable", "ants", "--yes"))
    assert text.split() == Path("crm.toml").read_text("utf-8").split()


def test_settings_are_made_where_there_are_none(site: Site) -> None:
    """The file --config or CRM_CONFIG names, or crm.toml."""
    site.add("ants")

    done(run("plugin", "disable", "ants", "--config", "other.toml"))

    assert ["ants"] == SettingsFile(Path("other.toml")).disabled
    assert not Path("crm.toml").exists()


def test_disabling_twice_is_said(site: Site) -> None:
    """Nothing happens, and that is no failure."""
    site.add("ants")
    done(run("plugin", "disable", "ants"))

    assert "ants is disabled already." in done(run("plugin", "disable", "ants"))
    done(run("plugin", "enable", "ants", "--yes"))
    assert "ants is enabled already." in done(run("plugin", "enable", "ants"))


def test_what_others_require_is_not_disabled_alone(site: Site) -> None:
    """They are named, with the line that disables all of them; the file is not touched."""
    site.add("ants", requires=["crm-bees"])
    site.add("bees")

    result = run("plugin", "disable", "bees")

    assert (1, False) == (result.exit_code, Path("crm.toml").exists())
    assert "Plugin 'ants' (crm-ants 1.0) requires plugin 'bees' (crm-bees 1.0), which is disabled" in result.stderr
    assert "crm plugin disable bees ants disables all of them." in result.stderr
    done(run("plugin", "disable", "bees", "ants"))


def test_what_requires_others_is_not_enabled_alone(site: Site) -> None:
    """A start would stop at it."""
    site.add("ants", requires=["crm-bees"])
    site.add("bees")
    done(run("plugin", "disable", "bees", "ants"))

    result = run("plugin", "enable", "ants", "--yes")

    assert (1, True) == (result.exit_code, "requires plugin 'bees'" in result.stderr)
    done(run("plugin", "enable", "ants", "bees", "--yes"))


def test_what_was_wrong_before_does_not_hinder(site: Site) -> None:
    """A broken plugin can be disabled, which is the way out, and others are enabled whatever is wrong with it."""
    site.add("ants", requires=["crmcore>=99"])
    site.add("bees", requires=["nothing-like-this"])

    done(run("plugin", "disable", "ants"))
    site.add("cats")
    done(run("plugin", "disable", "cats"))
    done(run("plugin", "enable", "cats", "--yes"))


def test_capabilities_are_shown_before_enabling(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says no leaves it disabled."""
    site.add("ants")
    package = tmp_path / "site" / "package_of_ants"
    package.mkdir()
    (package / "capabilities.toml").write_text('network = ["api.example.com"]\n', "utf-8")
    (tmp_path / "site" / "crm_ants-1.0.dist-info" / "entry_points.txt").write_text(
        f"[{GROUP}]\nants = package_of_ants.plugin\n", "utf-8"
    )
    done(run("plugin", "disable", "ants"))

    result = run("plugin", "enable", "ants", typed="n\n")

    assert (1, True) == (result.exit_code, "It connects to api.example.com." in result.stdout)
    assert "Plugins are not sandboxed" in result.stdout
    assert "disabled" == listed()["ants"]["state"]


def test_a_variable_above_the_file_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changing the file would do nothing."""
    site.add("ants")
    monkeypatch.setenv("CRM_DISABLED_PLUGINS", "")

    result = run("plugin", "disable", "ants")

    assert (1, True) == (result.exit_code, "CRM_DISABLED_PLUGINS ('') counts above the settings file" in result.stderr)


def test_a_file_that_is_no_toml_is_left_alone(site: Site) -> None:
    """Exit code 3: it is to be mended first."""
    site.add("ants")
    Path("crm.toml").write_text("disabled_plugins = [", "utf-8")

    assert 3 == run("plugin", "disable", "ants").exit_code
    assert "disabled_plugins = [" == Path("crm.toml").read_text("utf-8")


def test_the_mode_of_the_file_stays(tmp_path: Path) -> None:
    """It may have secrets in it."""
    path = tmp_path / "crm.toml"
    path.touch(0o600)
    file = SettingsFile(path)

    file.disable(["ants"])

    assert (True, 0o600, ["crm.toml"]) == (
        file.save(),
        path.stat().st_mode & 0o777,
        [p.name for p in tmp_path.iterdir()],
    )


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    """Deployments link their settings into place."""
    (tmp_path / "real.toml").write_text("port = 80\n", "utf-8")
    (tmp_path / "crm.toml").symlink_to("real.toml")
    file = SettingsFile(tmp_path / "crm.toml")

    file.disable(["ants"])
    file.save()

    assert (tmp_path / "crm.toml").is_symlink()
    assert 'disabled_plugins = ["ants"]' in (tmp_path / "real.toml").read_text("utf-8")
