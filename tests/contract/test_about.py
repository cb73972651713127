"""What a distribution says of itself."""

from __future__ import annotations

from pathlib import Path

from crmcore.contract.about import about
from crmcore.contract.grounds import Grounds
from crmcore.contract.subject import Subject
from tests.plugins.installed import Site


def add(site: Site, folder: Path, metadata: str) -> None:
    """Install a plugin with these metadata."""
    site.add("rakes", requires=["crmcore>=0.1,<0.2", "nothing; extra == 'more'"])
    path = folder / "crm_rakes-1.0.dist-info" / "METADATA"
    path.write_text(path.read_text() + metadata)


def test_metadata_of_an_installed_distribution_count(site: Site, grounds: Grounds, tmp_path: Path) -> None:
    """Requirements of extras are left out; the long description is the README."""
    add(site, tmp_path, "License-Expression: MIT\n\nRakes leaves.\n")
    known = about(Subject.installed("rakes", grounds))
    assert ("1.0", "MIT", ["crmcore"], "Rakes leaves.\n") == (
        known.version,
        known.license,
        [requirement.name for requirement in known.requires],
        known.readme,
    )


def test_an_old_classifier_is_a_license_too(site: Site, grounds: Grounds, tmp_path: Path) -> None:
    """Expressions have been there since 2024 only."""
    add(
        site,
        tmp_path,
        "Classifier: Programming Language :: Python\nClassifier: License :: OSI Approved :: MIT License\n",
    )
    assert "License :: OSI Approved :: MIT License" == about(Subject.installed("rakes", grounds)).license


def test_the_readme_of_the_source_tree_is_newer(site: Site, grounds: Grounds, tmp_path: Path) -> None:
    """Metadata of an editable install are those of the day it was installed."""
    add(site, tmp_path, "\nOld.\n")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "READTHIS.md").write_text("New.")
    (tree / "pyproject.toml").write_text("[project]\nreadme = {file = 'READTHIS.md', content-type = 'text/markdown'}")
    assert "New." == about(Subject.installed("rakes", grounds, source=tree)).readme
