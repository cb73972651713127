"""Finding a plugin's distribution, package and source tree."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from crmcore.contract.places import Absent, announcement, package_of, pyproject, source_of
from tests.plugins.installed import Site


def test_a_part_of_crmcore_is_refused() -> None:
    """Built-in plugins are checked by crmcore's own tests."""
    with pytest.raises(Absent, match="'customers' is a part of crmcore"):
        announcement("customers")


def test_a_plugin_that_is_not_installed_has_a_closest_one(site: Site) -> None:
    """Names are mistyped."""
    site.add("loyalty")
    with pytest.raises(Absent, match=r"No plugin 'loyaltee' is installed; did you mean loyalty\?"):
        announcement("loyaltee")


def test_a_plugin_that_two_distributions_bring_says_so(site: Site) -> None:
    """What the host would refuse is said here too."""
    site.add("Loyalty")
    with pytest.raises(Absent, match="has a name that cannot be"):
        announcement("Loyalty")


def test_finding_imports_nothing(site: Site) -> None:
    """A broken plugin can be found."""
    site.add("loyalty", code="raise RuntimeError")
    assert ("crm_loyalty_loyalty_module", True) == (
        (found := package_of(announcement("loyalty").entry.module)) and found[0],
        found is not None and found[1].is_file(),
    )
    assert "crm_loyalty_loyalty_module" not in sys.modules


def test_a_package_is_the_topmost_that_is_no_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of `acme.crm.plugin` in a shared namespace `acme` only `acme.crm` is the plugin's."""
    folder = tmp_path / "acme_of_tests" / "crm"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "plugin.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert ("acme_of_tests.crm", folder) == package_of("acme_of_tests.crm.plugin")
        assert package_of("acme_of_tests.nothing") is None
    finally:
        sys.modules.pop("acme_of_tests", None)


def test_an_editable_install_knows_its_source_tree(site: Site, tmp_path: Path) -> None:
    """The installer has left a note."""
    site.add("loyalty")
    tree = tmp_path / "my tree"
    tree.mkdir()
    note = {"url": tree.as_uri(), "dir_info": {"editable": True}}
    (tmp_path / "crm_loyalty-1.0.dist-info" / "direct_url.json").write_text(json.dumps(note))
    assert tree == source_of(announcement("loyalty").distribution, "loyalty")


def test_a_copy_that_was_installed_has_no_source_tree(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder it was built from may have changed since; what is installed is what counts."""
    site.add("loyalty")
    monkeypatch.chdir(tmp_path)
    note = {"url": tmp_path.as_uri(), "dir_info": {}}
    (tmp_path / "crm_loyalty-1.0.dist-info" / "direct_url.json").write_text(json.dumps(note))
    assert source_of(announcement("loyalty").distribution, "loyalty") is None


def test_the_current_folder_is_the_source_tree_if_it_names_the_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands in it need not say so."""
    monkeypatch.chdir(tmp_path)
    text = '[project.entry-points."crmcore.plugins"]\nloyalty = "crmcore_loyalty"'
    (tmp_path / "pyproject.toml").write_text(text)
    assert tmp_path == source_of(None, "loyalty")
    assert source_of(None, "royalty") is None


def test_a_broken_pyproject_is_none(tmp_path: Path) -> None:
    """Whoever builds with it is told by the builder."""
    (tmp_path / "pyproject.toml").write_text("[project")
    assert {} == pyproject(tmp_path)
