"""Rules about what is written beside the code: capabilities, metadata, README, tests, claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.contract.bronze.claiming import claims_can_be_read
from crmcore.contract.bronze.declaring import capabilities_are_declared
from crmcore.contract.bronze.publishing import requires_a_bounded_crmcore, version_and_license_are_known
from crmcore.contract.bronze.readme import readme_says_how_to_remove_it, readme_says_what_it_adds
from crmcore.contract.bronze.testing import a_test_uses_the_crm
from crmcore.contract.rule import Rule
from crmcore.plugins.capabilities import capabilities_in
from tests.contract.conftest import Plotted, said

#: A rule; a file; what is taken from it; what is put in its place; what the rule says then.
SPOILED: list[tuple[Rule, str, str, str, list[str]]] = [
    (
        requires_a_bounded_crmcore,
        "pyproject.toml",
        '"crmcore>=0.1,<0.2"',
        '"crmcore"',
        [
            "It requires crmcore, which has no upper bound.",
            "It requires crmcore, which has no lower bound.",
        ],
    ),
    (
        requires_a_bounded_crmcore,
        "pyproject.toml",
        "crmcore>=0.1,<0.2",
        "crmcore>=7,<8",
        ["It requires crmcore<8,>=7, but this is crmcore 0.1.0."],
    ),
    (
        requires_a_bounded_crmcore,
        "pyproject.toml",
        '"crmcore>=0.1,<0.2"',
        "",
        ["It does not say that it requires crmcore."],
    ),
    (version_and_license_are_known, "pyproject.toml", "0.1.0", "0.0.0", ["Its version is 0.0.0."]),
    (version_and_license_are_known, "pyproject.toml", "0.1.0", "first", ["Its version is first."]),
    (version_and_license_are_known, "pyproject.toml", "license", "licence", ["Its metadata name no license."]),
    (readme_says_what_it_adds, "README.md", "`plots`", "`lots`", ["The README does not name the entity plots."]),
    (
        readme_says_what_it_adds,
        "README.md",
        "plotsLarge",
        "plotsLargest",
        ["The README does not name the root field plotsLarge."],
    ),
    (
        readme_says_what_it_adds,
        "README.md",
        "plotMeasure",
        "",
        ["The README does not name the root field plotMeasure."],
    ),
    (readme_says_what_it_adds, "README.md", "smallest", "", ["The README does not name the setting smallest."]),
    (
        readme_says_what_it_adds,
        "README.md",
        "plots.measure",
        "plots_measure",
        ["The README does not name the permission plots.measure."],
    ),
    (
        readme_says_what_it_adds,
        "README.md",
        "plots survey",
        "",
        ["The README does not name the command crm plots survey."],
    ),
    (readme_says_what_it_adds, "README.md", "/plugins", "", ["The README does not name the path /plugins/plots."]),
    (readme_says_what_it_adds, "pyproject.toml", "README", "READTHIS", ["There is no README."]),
    (
        readme_says_how_to_remove_it,
        "README.md",
        "crm plugin uninstall plots",
        "pip uninstall crmcore-plots",
        ["The README does not say how to remove the plugin."],
    ),
    (
        a_test_uses_the_crm,
        "trials/test_plots.py",
        "crm: TestCrm",
        "anything: TestCrm",
        ["None of its tests takes the fixture crm."],
    ),
    (
        claims_can_be_read,
        "quality.toml",
        '"done"',
        '"todo"',
        ["quality.toml claims bronze, and says that a-test-uses-the-crm, which is bronze, is to do."],
    ),
    (
        claims_can_be_read,
        "quality.toml",
        "uses",
        "used",
        ["quality.toml speaks of a rule 'a-test-used-the-crm', which does not exist."],
    ),
    (
        capabilities_are_declared,
        "capabilities.toml",
        '"plot"',
        '"plot_x"',
        [
            "It makes the table plot, and capabilities.toml does not say so.",
            "capabilities.toml says that it makes the table plot_x, and it does not.",
        ],
    ),
    (
        capabilities_are_declared,
        "capabilities.toml",
        '  "crm_routes",\n',
        "",
        ["It implements the hook crm_routes, and capabilities.toml does not say so."],
    ),
    (
        capabilities_are_declared,
        "capabilities.toml",
        "tables",
        'secrets = ["key"]\nnetwork = ["example.com", "setting:host"]\nreads = ["custmer"]\ntables',
        [
            "capabilities.toml speaks of a setting 'key', which the plugin does not have.",
            "capabilities.toml speaks of a setting 'host', which the plugin does not have.",
            "capabilities.toml says that it reads 'custmer', which is no entity.",
        ],
    ),
]


@pytest.mark.parametrize(("rule", "file", "old", "new", "what"), SPOILED)
async def test_each_rule_finds_what_breaks_it(
    plotted: Plotted, tree: Path, rule: Rule, file: str, old: str, new: str, what: list[str]
) -> None:
    """And finds nothing in the plugin as it is."""
    assert [] == await said(rule, plotted(tree, capabilities=lambda: capabilities_in(tree)))
    path = tree / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert what == await said(rule, plotted(tree, capabilities=lambda: capabilities_in(tree)))


async def test_no_tests_are_said(plotted: Plotted, tree: Path) -> None:
    """The folder that was looked into is named."""
    (tree / "trials" / "test_plots.py").unlink()
    assert [f"There are no tests in {tree}."] == await said(a_test_uses_the_crm, plotted(tree))


async def test_capabilities_must_be_there_and_readable(plotted: Plotted, tree: Path) -> None:
    """A file that cannot be read is no reason for a traceback."""
    assert ["There is no capabilities.toml, so that nobody can see beforehand what the plugin does."] == await said(
        capabilities_are_declared, plotted(tree)
    )
    (tree / "capabilities.toml").write_text("tables = 3")
    (what,) = await said(capabilities_are_declared, plotted(tree, capabilities=lambda: capabilities_in(tree)))
    assert f"{tree / 'capabilities.toml'} cannot be read" in what


async def test_without_a_source_tree_they_are_not_verified(plotted: Plotted) -> None:
    """And it is said what would help."""
    said_of = {rule.name: await said(rule, plotted()) for rule in (a_test_uses_the_crm, readme_says_what_it_adds)}
    assert [
        "Its source tree is not at hand; give it: crm plugin check plots --source DIR.",
        "The plugin was given to Crm as an object, without a pyproject.toml; say where its source tree is.",
    ] == [what for whats in said_of.values() for what in whats]
