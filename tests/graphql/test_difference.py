"""What changed between two schemas: each change with its severity, its place and the plugin whose part it is."""

from __future__ import annotations

import pytest

from crmcore.graphql.schema.difference import Difference, Severity, find_differences

DIRECTIVE = (
    "directive @plugin(name: String!, since: String) on OBJECT | FIELD_DEFINITION | ENUM_VALUE | SCALAR | UNION\n"
)
OLD = f"""{DIRECTIVE}
type Query @plugin(name: "core", since: "0.1") {{
  customer(id: ID!, at: String = "now"): Customer @plugin(name: "customers", since: "0.1")
  points(of: ID @deprecated(reason: "Say whose.")): Int @plugin(name: "loyalty", since: "1.0")
}}
type Customer @plugin(name: "customers", since: "0.1") {{
  name: String!
  nick: String @deprecated(reason: "Use name.")
  level: Level @plugin(name: "loyalty", since: "1.0")
}}
type Card @plugin(name: "loyalty", since: "1.1") {{ number: Code }}
scalar Code @plugin(name: "loyalty")
union Found @plugin(name: "core") = Customer
enum Level {{ GOLD BLUE @deprecated(reason: "Nobody has it.") }}
input Search {{ words: String, exact: Boolean = false }}
"""


def differences(*changes: tuple[str, str]) -> list[Difference]:
    """Compare the schema with itself after some texts were replaced."""
    new = OLD
    for before, after in changes:
        assert before in new
        new = new.replace(before, after, 1)
    return find_differences(OLD, new)


@pytest.mark.parametrize(
    ("before", "after", "severity", "kind", "where", "plugin"),
    [
        ("  name: String!\n", "", Severity.BREAKING, "FIELD_REMOVED", "Customer.name", "customers"),
        ("  name: String!", "  name: String", Severity.BREAKING, "FIELD_CHANGED_KIND", "Customer.name", "customers"),
        ("id: ID!, ", "", Severity.BREAKING, "ARG_REMOVED", "Query.customer", "customers"),
        ("id: ID!", "id: ID!, zone: String!", Severity.BREAKING, "REQUIRED_ARG_ADDED", "Query.customer", "customers"),
        ("GOLD BLUE", "BLUE", Severity.BREAKING, "VALUE_REMOVED_FROM_ENUM", "Level.GOLD", None),
        ("words: String", "words: String!", Severity.BREAKING, "FIELD_CHANGED_KIND", "Search.words", None),
        ("input Search", "input Search @oneOf", Severity.BREAKING, "ONE_OF_ADDED", "Search", None),
        (", since: String)", ")", Severity.BREAKING, "DIRECTIVE_ARG_REMOVED", "@plugin", None),
        ('"now"', '"then"', Severity.DANGEROUS, "ARG_DEFAULT_VALUE_CHANGE", "Query.customer", "customers"),
        ("= false", "= true", Severity.DANGEROUS, "INPUT_FIELD_DEFAULT_VALUE_CHANGE", "Search.exact", None),
        ("GOLD BLUE", "GOLD RED BLUE", Severity.DANGEROUS, "VALUE_ADDED_TO_ENUM", "Level.RED", None),
        ("= Customer", "= Customer | Card", Severity.DANGEROUS, "TYPE_ADDED_TO_UNION", "Found", "loyalty"),
        (
            "scalar Code",
            'scalar Code @specifiedBy(url: "https://example.com")',
            Severity.DANGEROUS,
            "SPECIFIED_BY_CHANGED",
            "Code",
            "loyalty",
        ),
        ('"loyalty", since: "1.1"', '"cards", since: "1.1"', Severity.DANGEROUS, "GIVER_CHANGED", "Card", "cards"),
        ("number: Code", "number: Code owner: ID", Severity.SAFE, "FIELD_ADDED", "Card.owner", "loyalty"),
        (
            "  name: String!",
            '  name: String! @deprecated(reason: "Ask for names.")',
            Severity.SAFE,
            "DEPRECATION_ADDED",
            "Customer.name",
            "customers",
        ),
        (' @deprecated(reason: "Use name.")', "", Severity.SAFE, "DEPRECATION_REMOVED", "Customer.nick", "customers"),
        ("scalar Code", '"A code." scalar Code', Severity.SAFE, "DESCRIPTION_CHANGED", "Code", "loyalty"),
    ],
)  # fmt: skip
def test_a_change_is_named(
    before: str, after: str, severity: Severity, kind: str, where: str, plugin: str | None
) -> None:
    """Every kind of change has its severity, its place, and the plugin that `@plugin` names there."""
    found = [d for d in differences((before, after)) if d.kind == kind]

    assert [(severity, where, plugin)] == [(d.severity, d.where, d.plugin) for d in found]


@pytest.mark.parametrize(
    ("removed", "reason"),
    [
        ('  nick: String @deprecated(reason: "Use name.")\n', "Use name."),
        (' BLUE @deprecated(reason: "Nobody has it.")', "Nobody has it."),
        ('(of: ID @deprecated(reason: "Say whose."))', "Say whose."),
        ("  name: String!\n", None),
    ],
)
def test_a_removal_may_have_been_announced(removed: str, reason: str | None) -> None:
    """What is gone and was deprecated says so, with the reason the older schema gave."""
    (found,) = differences((removed, ""))

    assert (Severity.BREAKING, reason) == (found.severity, found.announced)


def test_the_worst_comes_first() -> None:
    """Changes are ordered by severity, then by place."""
    found = differences(("  name: String!\n", ""), ('"now"', '"then"'), ("number: Code", "number: Code owner: ID"))

    assert [Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE] == [d.severity for d in found]


def test_a_schema_does_not_differ_from_itself() -> None:
    """Nothing is found where nothing changed."""
    assert [] == differences()


def test_whoever_has_no_givers_is_compared_too() -> None:
    """A schema from before there was `@plugin`, or from another program, has changes without plugins."""
    found = find_differences("type Query { a: Int b: Int }", "type Query { a: Int }")

    assert [("Query.b", None)] == [(d.where, d.plugin) for d in found if d.severity is Severity.BREAKING]
