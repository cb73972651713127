"""Deprecations: told early, an error in time, gone in the next version, and never without the way out."""

from __future__ import annotations

import inspect
import re
import warnings
from pathlib import Path

import pytest
from graphql import build_schema
from packaging.version import Version
from pluggy import PluginManager

import crmcore
from crmcore import Settings, deprecations, hookimpl, hookspecs, load_settings
from crmcore.deprecations import CrmDeprecationWarning, Deprecation, Moved, all_deprecations
from crmcore.graphql.schema.deprecated import deprecate
from crmcore.graphql.schema.schema import build_schema as build_crm_schema
from crmcore.plugins.implementations import HOOKS, wrongs
from crmcore.plugins.plugin import Plugin
from tests.graphql.world import ENTITIES, registries

PAGE = (Path(__file__).parents[1] / "docs" / "deprecations.md").read_text("utf-8")


class Soon(CrmDeprecationWarning):
    """A version that is far away."""

    error_in = "900.0"
    gone_in = "900.1"


class Now(CrmDeprecationWarning):
    """A version that has come."""

    error_in = "0.0.1"
    gone_in = "900.1"


def going(goes: type[CrmDeprecationWarning]) -> Deprecation:
    """Make a constant as crmcore/deprecations.py has them."""
    return Deprecation("old-thing", "The old thing", "Use the new thing.", "0.0.1", goes)


SAID = "The old thing is deprecated since 0.0.1 and goes with 900.0. Use the new thing. See docs/deprecations.md#old-thing."


# -- the constants ------------------------------------------------------------------------------------------------------


def test_each_has_its_section_and_each_section_its_constant() -> None:
    """docs/deprecations.md has a section for every constant, under its anchor, and for nothing else."""
    sections = {
        re.sub(r"[^a-z0-9]+", "-", head.lower()).strip("-") for head in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    }

    assert {d.anchor for d in all_deprecations()} == sections - {"how-one-is-told"}


def test_what_is_gone_is_gone() -> None:
    """A constant whose version is past is removed, with what it is about."""
    assert [] == [d.what for d in all_deprecations() if Version(crmcore.__version__) >= Version(d.goes.gone_in)]


def test_all_are_told_of_for_two_minor_versions() -> None:
    """From the version that says it first to the one that makes it an error there are two minor versions at least."""
    short = [
        d.what
        for d in all_deprecations()
        if (since := Version(d.since)).major == (error := Version(d.goes.error_in)).major
        and error.minor - since.minor < 2
    ]

    assert [] == short


def test_the_class_is_named_after_the_version() -> None:
    """`CrmRemovedIn03Warning` is an error in 0.3 and about what is gone in the version after."""
    for cls in CrmDeprecationWarning.__subclasses__():
        if cls.__module__ == deprecations.__name__:
            error, gone = Version(cls.error_in), Version(cls.gone_in)
            digits = f"{error.major}{error.minor}" if error.major == 0 else str(error.major)

            assert f"CrmRemovedIn{digits}Warning" == cls.__name__
            assert (error.major, error.minor + 1) == (gone.major, gone.minor)


# -- warning, error -----------------------------------------------------------------------------------------------------


def test_it_warns_whoever_calls() -> None:
    """Until its version it is a warning at the line of the caller, with the way out and the section."""
    with pytest.warns(Soon, match=re.escape(SAID)) as caught:
        going(Soon).warn(stacklevel=1)

    assert __file__ == caught[0].filename


def test_it_is_an_error_when_the_version_has_come() -> None:
    """Python hides DeprecationWarnings outside of tests; an error is not hidden."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(Now, match="Use the new thing"):
            going(Now).warn()


def test_a_filter_that_names_it_bridges_one_version() -> None:
    """Whoever names the class in a filter has the warning for one version more."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", Now)
        going(Now).warn()

    assert [Now] == [each.category for each in caught]


# -- where it is told ---------------------------------------------------------------------------------------------------


def test_a_name_that_moved_goes_on_working(monkeypatch: pytest.MonkeyPatch) -> None:
    """`crmcore.OldName` is the new thing, and warns where it is asked for."""
    monkeypatch.setattr(deprecations, "NAMES", {"OldName": Moved(going(Soon), "crmcore.entities.work:Work")})

    with pytest.warns(Soon) as caught:
        found = crmcore.OldName

    assert crmcore.Work is found
    assert __file__ == caught[0].filename


def test_a_name_that_never_was_is_still_none() -> None:
    """The look-up among moved names changes nothing about names that are wrong."""
    with pytest.raises(AttributeError, match="module 'crmcore' has no attribute 'Nope'"):
        _ = crmcore.Nope


@pytest.fixture
def old_hook(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PluginManager:
    """A manager that has one more hook, which is deprecated as the test says."""

    def crm_old(crm: object, seeding: object) -> None:
        """Do it the old way."""

    specified = hookspecs.hookspec(**request.param)(crm_old)
    monkeypatch.setitem(HOOKS, "crm_old", specified)
    manager = PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(type("More", (), {"crm_old": staticmethod(specified)}))
    return manager


class Old:
    """A plugin that does it the old way, and asks for one argument."""

    @hookimpl
    def crm_old(self, seeding: object) -> None: ...


WHOLE, ARGUMENT, OTHER = (
    lambda goes: {"warn_on_impl": going(goes).warning},
    lambda goes: {"warn_on_impl_args": {"seeding": going(goes).warning}},
    lambda goes: {"warn_on_impl_args": {"crm": going(goes).warning}},
)


@pytest.mark.parametrize("old_hook", [WHOLE(Soon), ARGUMENT(Soon)], indirect=True)
def test_a_hook_warns_whoever_implements_it(old_hook: PluginManager) -> None:
    """A hook that goes, or an argument of one that goes, warns at the implementation."""
    assert [] == list(wrongs(old_hook, Plugin("old", Old())))
    with pytest.warns(Soon, match=re.escape(SAID)) as caught:
        old_hook.register(Old())

    assert (__file__, inspect.getsourcelines(Old.crm_old)[1]) == (caught[0].filename, caught[0].lineno)


@pytest.mark.parametrize("old_hook", [WHOLE(Now), ARGUMENT(Now)], indirect=True)
def test_a_hook_whose_version_has_come_stops_the_start(old_hook: PluginManager) -> None:
    """It is told with all else that is wrong, and names the plugin."""
    (problem,) = wrongs(old_hook, Plugin("old", Old()))

    assert problem.startswith("Plugin 'old' (given to Crm): The old thing is deprecated")


@pytest.mark.parametrize("old_hook", [OTHER(Now)], indirect=True)
def test_an_argument_nobody_asks_for_harms_nobody(old_hook: PluginManager) -> None:
    """Only who takes the argument that goes is told."""
    assert [] == list(wrongs(old_hook, Plugin("old", Old())))


def test_a_setting_that_moved_goes_on_working(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Under its old name, in the file or as a variable, a setting counts as before, and the log says what to write."""
    monkeypatch.setattr(
        deprecations,
        "SETTINGS",
        {"http.limit": Moved(going(Soon), "http.body_limit"), "door": Moved(going(Soon), "port")},
    )
    file = tmp_path / "crm.toml"
    file.write_text("[http]\nlimit = 5\n")
    settings = load_settings(file, environment={"CRM_DOOR": "99"})

    assert (5, 99, ()) == (settings.http.body_limit, settings.port, settings.origin.problems)
    assert {} == settings.origin.unclaimed
    assert [SAID, SAID] == [record.getMessage() for record in caplog.records]


def test_a_setting_whose_version_has_come_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one of the problems that the start ends with."""
    monkeypatch.setattr(deprecations, "SETTINGS", {"door": Moved(going(Now), "port")})
    settings = load_settings(environment={"CRM_DOOR": "99"})

    assert Settings().port == settings.port
    assert any(problem.startswith("The old thing is deprecated") for problem in settings.origin.problems)


def test_the_schema_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field, an input field and an enum value carry the same reason as the constant."""
    from crmcore.graphql.schema import deprecated

    schema = build_schema("type Query { a(of: In): E } input In { b: Int } enum E { C }")
    monkeypatch.setattr(deprecated, "FIELDS", dict.fromkeys(("Query.a", "In.b", "E.C", "E.NOT"), going(Soon)))
    deprecate(schema)
    marked = (schema.type_map["Query"].fields["a"], schema.type_map["In"].fields["b"], schema.type_map["E"].values["C"])

    assert ["Use the new thing. It goes with 900.0."] * 3 == [each.deprecation_reason for each in marked]


def test_every_schema_of_a_crm_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema that a CRM is assembled with carries the marks, so that editors and `crm schema diff` see them."""
    from crmcore.graphql.schema import deprecated

    monkeypatch.setattr(deprecated, "FIELDS", {"Gadget.name": going(Soon)})

    assert '@deprecated(reason: "Use the new thing.' in build_crm_schema(ENTITIES, registries()).as_str()
