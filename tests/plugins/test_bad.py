"""Bad plugins: each falls short of exactly one rule, and is told so in a way that a stranger can act on."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from crmcore import Settings
from crmcore.contract.catalogue import all_rules, rules_of
from crmcore.contract.grounds import Grounds
from crmcore.contract.models import Models
from crmcore.contract.report import lines_of
from crmcore.contract.run import Outcome, State, apply, known
from crmcore.contract.silver import leaking, own_tests
from crmcore.contract.subject import Subject
from crmcore.contract.trying.roots import questions
from crmcore.contract.trying.strangers import Stranger
from crmcore.testing import TestCrm
from tests.plugins import with_registered
from tests.plugins.bad import plain
from tests.plugins.trees import describe, overlaid, tree

BAD = Path(__file__).parent / "bad"
ROOT = BAD.parents[2]


class Case(NamedTuple):
    """A bad plugin, the rule it breaks, what it is told, and the way out it is shown."""

    plugin: str
    rule: str
    told: str
    way_out: str


#: Plugins that are code; the rules are tried on SQLite, those about migrations on the databases that were asked for.
CODE = [
    Case("futures", "hooks-are-as-specified", "implements crm_dashboards, which is no hook", "require that version"),
    Case("scores", "names-carry-the-prefix", "declares the action 'rate'", "'scoresRate'"),
    Case("locks", "starts-with-default-settings", "RuntimeError: no key", "without settings that nobody gave"),
    Case("parcels", "every-module-imports", "tracking cannot be imported", "dependencies in pyproject.toml"),
    Case("drifts", "migrations-make-the-declared-tables", "drift.depth is declared but missing", "crm migrate --new"),
    Case("shelves", "migrations-take-rows-along", "shelves_board lost rows", "before anything is dropped"),
    Case("mumbles", "every-addition-is-described", "MumblesWord.loudness has no description", "description="),
    Case("reaches", "imports-only-what-is-promised", "crmcore.", "crmcore"),
    Case("hidden", "capabilities-are-declared", "implements the hook crm_startup", "Add 'crm_startup' to hooks"),
    Case("whispers", "records-are-hidden-on-every-path", "Query.whispersLatest shows", "crm.execute(…, actor=actor)"),
    Case(
        "doorless",
        "every-change-needs-permission",
        "Mutation.doorlessForgetName is done",
        '@action(…, permission="doorless.…")',
    ),
    Case("chatty", "statements-do-not-grow-with-the-page", "because of chattyOthers", "fields.Computed"),
    Case("quits", "after-handlers-are-tried-again", "quits.greet is given up when it fails once", "Leave out retries="),
    Case("waits", "transactions-do-not-wait-for-the-network", "screening.example.com while a transaction", "after(…)"),
    Case("stains", "migrations-down-leave-nothing", "the table stains_spot is left", "down_sqlite and down_postgresql"),
    Case("litters", "uninstalling-leaves-nothing", "tag has 1 row more", "write nothing there in crm_startup"),
    Case("diaries", "personal-data-is-classified", "DiariesPage.text does not say", 'personal="user.content"'),
    Case("nameless", "jobs-and-handlers-keep-their-names", "nameless.greeting.<locals>.greet", 'name="greet"'),
    Case("echoes", "what-is-done-twice-changes-nothing-more", "leaves 1 more in interaction", "event.id"),
    Case("counters", "exports-can-be-imported-again", "Counter.number is not what it was", "ActorType.IMPORT"),
    Case("rivals", "it-works-beside-all-other-plugins", "both register 'FLIGHT'", "Disable the others one by one"),
    Case("ageless", "additions-say-since-when", "Mutation.agelessLook does not say", 'since="0.1.0" into @action(…)'),
]
MIGRATING = {"drifts", "shelves", "stains"}
TABLES = {"drifts": ("drift",), "shelves": ("shelves_board",), "whispers": ("whisper",), "diaries": ("diaries_page",)}
TABLES |= {"counters": ("counter",)}

#: The plugin `plain` with one paper of its source tree exchanged.
PAPERS = [
    Case("unbounded", "requires-a-bounded-crmcore", "crmcore>=0.1, which has no upper bound", '"crmcore>=0.1,<0.2"'),
    Case("unlicensed", "version-and-license-are-known", "name no license", 'license = "Apache-2.0"'),
    Case("untold", "readme-says-what-it-adds", "does not name the root field plainLook", "what plainLook is for"),
    Case("sticking", "readme-says-how-to-remove-it", "not say how to remove", "`crm plugin uninstall plain`"),
    Case("untried", "a-test-uses-the-crm", "None of its tests takes the fixture crm", "async def test_it(crm)"),
    Case("boasting", "claims-can-be-read", "'its-tests-passed', which does not exist", "its-tests-pass"),
    Case("silent", "the-changelog-has-its-version", "no heading for 0.2.0", "Add `## 0.2.0`"),
    Case("orphaned", "somebody-owns-it", "names nobody as the owner", 'owner = "Ada Lovelace'),
    Case("unset", "every-setting-has-an-example", "no example of the setting shade", "[plugins.plain], shade ="),
    Case("unguided", "upgrades-have-notes", "no upgrade notes for 0.2.0", '"### Upgrade notes"'),
]

#: Plugins whose own tests are run, and show it; with what these tests do.
RUN = [
    (Case("breaks", "its-tests-pass", "test_breaks.py::test_it fails: assert", "python -m pytest"), "add(1, 1) == 2"),
    (
        Case(
            "phones",
            "what-it-connects-to-is-declared",
            "phones.py:13 connects to partner.invalid",
            'network = ["partner.invalid"]',
        ),
        "not is_known('partner.invalid')",
    ),
    (
        Case(
            "peeks",
            "what-it-reads-of-the-environment-is-declared",
            "peeks.py:12 reads the environment variable AWS_SECRET_ACCESS_KEY",
            "CRM_PEEKS_<FIELD>",
        ),
        "secret() is not None",
    ),
    (
        Case("untested", "tests-reach-nearly-all-of-it", "Its tests reach 50.0 % of 10 statements", "Reach 95 %"),
        "reached() == 1",
    ),
]
#: mypy takes its time; it is let loose on the plugin that it has something to say to.
SLOW = ("types-are-strict",)


@pytest.fixture(scope="module")
def grounds() -> Iterator[Grounds]:
    """Databases that all plugins share."""
    with Grounds() as grounds:
        yield grounds


@pytest.fixture(scope="module")
def bare() -> TestCrm:
    """A CRM with none of the plugins."""
    return TestCrm(Settings(), installed=False)


@pytest.fixture(scope="module")
def plain_models(bare: TestCrm) -> Models:
    """The CRMs of the plugin `plain`."""
    return Models.given(plain, [plain], installed=False, bare=bare)


async def outcomes(subject: Subject, rule: str, *, slow: tuple[str, ...] = ()) -> list[Outcome]:
    """Apply all rules of the tier of one."""
    wanted = known(rule)
    assert wanted is not None
    return [await apply(r, subject) for r in rules_of(wanted.tier) if r.name not in SLOW or r.name in slow]


def check(case: Case, found: list[Outcome]) -> None:
    """The rule is the only one that is broken, and what is said names who, what and the way out."""
    short = {str(o.rule): o for o in found if o.state is State.SHORT}
    assert {case.rule} == short.keys(), [(o.rule.name, o.shortfalls) for o in short.values()]
    shortfall = short[case.rule].shortfalls[0]
    assert case.told in shortfall.what
    assert case.way_out in shortfall.fix
    assert f"Why: {short[case.rule].rule.why[:40]}" in "\n".join(lines_of(short[case.rule]))


@pytest.mark.parametrize("case", CODE, ids=lambda case: case.plugin)
async def test_a_bad_plugin_breaks_one_rule(
    case: Case, grounds: Grounds, bare: TestCrm, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What is wrong in its code is found by the one rule that is about it, and by no other."""
    module = importlib.import_module(f"tests.plugins.bad.{case.plugin}")
    dialects = ("sqlite",)
    if case.plugin in MIGRATING and request.config.getoption("--crm-database") != "sqlite":
        grounds.lend(lambda: request.getfixturevalue("crm_postgresql"))
        dialects = ("sqlite", "postgresql")
    source = tree(module, tmp_path, tables=TABLES.get(case.plugin, ()))
    if case.plugin == "hidden":
        (source / "capabilities.toml").write_text("tables = []\nhooks = []\n")
    subject = Subject.given(
        case.plugin, [module], grounds, bare=bare, source=source, dialects=dialects, inside_its_tests=True
    )
    others = [with_registered] if case.plugin == "rivals" else []
    subject._models._make_everything = lambda: (
        TestCrm(Settings(), plugins=[*others, module], installed=False) if others else subject.crm
    )
    describe(subject, source)

    check(case, await outcomes(subject, case.rule))


@pytest.mark.parametrize("case", PAPERS, ids=lambda case: case.plugin)
async def test_a_bad_paper_breaks_one_rule(case: Case, grounds: Grounds, plain_models: Models, tmp_path: Path) -> None:
    """What is wrong in its papers is found by the one rule that is about it, and by no other."""
    check(case, await outcomes(plain_subject(grounds, plain_models, tmp_path, BAD / "papers" / case.plugin), case.rule))


async def test_the_good_one_breaks_none(grounds: Grounds, plain_models: Models, tmp_path: Path) -> None:
    """The plugin of which the bad papers are spoilt falls short of nothing, up to gold."""
    found = await outcomes(
        plain_subject(grounds, plain_models, tmp_path, BAD / "plain" / "source"), "upgrades-have-notes"
    )

    assert [] == [(o.rule.name, o.shortfalls) for o in found if o.state is State.SHORT]


def plain_subject(grounds: Grounds, models: Models, folder: Path, papers: Path) -> Subject:
    """The plugin `plain` with other papers."""
    source = overlaid(BAD / "plain" / "source", papers, folder)
    subject = Subject.given("plain", [plain], grounds, source=source, dialects=("sqlite",), inside_its_tests=True)
    subject._models = models
    return subject


@pytest.mark.parametrize(("case", "asserted"), RUN, ids=lambda each: getattr(each, "plugin", None))
async def test_what_its_own_tests_show(
    case: Case, asserted: str, grounds: Grounds, bare: TestCrm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a plugin does while its own tests run is found by the one rule that is about it, and by no other."""
    pytest.importorskip("coverage")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
    module = importlib.import_module(f"tests.plugins.bad.{case.plugin}")
    test = f"from tests.plugins.bad.{case.plugin} import *\n\ndef test_it():\n    assert {asserted}\n"
    source = tree(module, tmp_path, test)
    subject = Subject.given(case.plugin, [module], grounds, bare=bare, source=source, dialects=("sqlite",))
    describe(subject, source)

    check(case, await outcomes(subject, case.rule))


async def test_types_that_are_missing(grounds: Grounds, bare: TestCrm, tmp_path: Path) -> None:
    """A plugin without annotations is told of each function that lacks them."""
    pytest.importorskip("mypy")
    module = importlib.import_module("tests.plugins.bad.loose")
    source = tree(module, tmp_path)
    # crmcore itself need not be looked at: what is missing is missing whatever it says.
    (source / "crmcore.pyi").write_text("from typing import TypeVar\nF = TypeVar('F')\ndef hookimpl(f: F) -> F: ...\n")
    shutil.copy(BAD / "loose.py", source)
    subject = Subject.given(
        "loose", [module], grounds, bare=bare, source=source, dialects=("sqlite",), inside_its_tests=True
    )
    subject.package = source / "loose.py"
    describe(subject, source)
    case = Case("loose", "types-are-strict", "Function is missing a return type annotation", "mypy --strict")

    check(case, await outcomes(subject, case.rule, slow=SLOW))


async def test_leaks_are_looked_for_on_every_path(grounds: Grounds, bare: TestCrm) -> None:
    """Each way that shows a record to the CRM itself is tried by those who may not see it: no path is left out by mistake."""
    whispers = importlib.import_module("tests.plugins.bad.whispers")
    subject = Subject.given("whispers", [whispers], grounds, bare=bare, dialects=("sqlite",))
    async with leaking._peopled(subject) as (crm, records, people):
        linked = await leaking._linked(crm, records)
        told = await leaking._telling(crm, questions(subject, records, linked), records)
        itself = Stranger(await crm.actor(None), "the reader", tuple(records))
        streamed = await leaking._streamed(subject, crm, [itself], records)

    assert {"node", "nodes", "whisper", "whispers", "whispersGroupBy", "whispersLatest", "changes", "history"} == {
        question.field for question in told
    }
    assert any("Subscription.changes.record.Whisper_words" in shortfall.what for shortfall in streamed)
    assert 4 == len(people)


def test_a_host_is_covered_by_its_name_or_by_what_stands_in_for_it() -> None:
    """A server of the tests' own stands in for hosts that are declared; where none is declared nothing is covered."""
    covered = own_tests._covered

    assert covered("api.example.com", ("api.example.com",))
    assert covered("eu.example.com", ("*.example.com",))
    assert not covered("example.org", ("*.example.com",))
    assert covered("127.0.0.1", ("api.example.com",))
    assert not covered("127.0.0.1", ())
    assert covered("hooks.example", ("setting:host",))
    assert not covered("elsewhere.net", ("setting:host",))


def test_a_variable_is_declared_by_its_name_or_by_the_setting_that_names_it() -> None:
    """What operators name a test names `TEST_…`; nothing else is let through by that."""
    declared = own_tests._declared

    assert declared("HTTPS_PROXY", ("HTTPS_PROXY",))
    assert declared("TEST_KEY", ("setting:key",))
    assert not declared("TEST_KEY", ("HTTPS_PROXY",))
    assert not declared("AWS_SECRET_ACCESS_KEY", ("setting:key",))


def test_every_rule_has_its_bad_plugin() -> None:
    """No rule can be added that nobody has seen fail."""
    shown = {case.rule for case in [*CODE, *PAPERS, *(case for case, _ in RUN)]} | {"types-are-strict"}

    assert {rule.name for rule in all_rules()} == shown
