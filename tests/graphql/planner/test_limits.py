"""Hostile documents are refused before they cost anything: the work is counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from time import process_time

import pytest
from graphql import FieldNode, Lexer, Source, TokenKind, parse

from crmcore.access.actor import Access
from crmcore.graphql.planner import Documents, GraphQLErrors, Limits, Tiers
from crmcore.graphql.planner.documents import limits, measure
from crmcore.graphql.planner.documents.tokens import count_tokens
from tests.graphql.planner.world import schema

_BOMB = (
    "{ buyers { nodes { ...F0 } } } "
    + " ".join(
        f"fragment F{n} on Buyer {{ a{n}: parent {{ ...F{n + 1} }} b{n}: parent {{ ...F{n + 1} }} }}" for n in range(16)
    )
    + " fragment F16 on Buyer { id }"
)
_TWICE = (
    "{ buyers { nodes { ...F0 } } } "
    + " ".join(f"fragment F{n} on Buyer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(25))
    + " fragment F25 on Buyer { id }"
)

#: What each attack of facts/graphql.md, section 4, must meet.
ATTACKS = {
    "1000 aliases": ("{" + " ".join(f"a{n}: __typename" for n in range(1000)) + "}", "tokens"),
    "300 aliases": ("{" + " ".join(f"a{n}: __typename" for n in range(300)) + "}", "300 aliases; at most 30"),
    "300 overlapping fields": ("{" + "buyers{nodes{id name parent{id}}} " * 300 + "}", "tokens"),
    "fields": ("{ buyers { nodes { " + "id " * 600 + "} } }", "fields; at most 500"),
    "directives": ("{ buyers { nodes { id " + "@skip(if: false) " * 100 + "} } }", "100 directives; at most 30"),
    "deep": (
        "{ buyers { nodes { " + "parent { " * 40 + "id" + " }" * 40 + " } } }",
        "43 levels of nested fields; at most 16",
    ),
    "fragments twice each": (_TWICE, "more than 5000 fields"),
    "fragment bomb": (_BOMB, "aliases"),
    "circular fragments": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "spreads a fragment that spreads itself",
    ),
    "fragments in all circles": (
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ {' '.join(f'...F{m}' for m in range(18))} }}" for n in range(18)),
        "spreads a fragment that spreads itself",
    ),
    "unused fragments": (
        "{ __typename } " + _TWICE.removeprefix("{ buyers { nodes { ...F0 } } } "),
        "Fragment 'F0' has more than 5000 fields",
    ),
    "1000 directives": ("{ buyers { nodes { id " + "@skip(if: false) " * 1000 + "} } }", "tokens"),
    "10 000 aliases": ("{" + " ".join(f"a{n}: __typename" for n in range(10_000)) + "}", "characters"),
    "one field again and again": ("{ buyers { nodes { " + "id " * 480 + "} } }", "again and again"),
    "nested fields again and again": (
        "{" + "buyers { nodes { parent { id } parent { id } } } " * 60 + "}",
        "again and again",
    ),
    "lists in lists in lists": (
        "{ buyers(first: 100) { nodes { orders(first: 100) { nodes { lines(last: 100) { totalCount } } } } } }",
        "1000000 records in its lists of lists; at most 250000",
    ),
    "100k braces": ("{" * 100_000, "tokens"),
    "100k nested fields": ("{a" * 100_000, "characters"),
    "nested fields": ("{a" * 240 + "}" * 240, "nested too deeply"),
    "nested lists": ("{ buyers(filter: " + "{and: [" * 160 + "]}" * 160 + ") { totalCount } }", "nested too deeply"),
    "an integer of 5000 digits": ("{ buyers(first: " + "9" * 5000 + ") { totalCount } }", "more than 400 digits"),
    "a float of 5000 digits": (
        "{ buyers(filter: {ratio: {gt: " + "9" * 5000 + ".5}}) { totalCount } }",
        "more than 400 digits",
    ),
    "comments": ("#\n" * 5000 + "{ __typename }", "comments"),
    "oversized": ("{ __typename }" + " " * 200_000, "200014 characters; at most 100000"),
    "empty": ("", "Syntax Error"),
    "no operation": ("fragment F on Buyer { id }", "F"),
    "unknown field": ("{ nonsense }", "Cannot query field 'nonsense'"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused(name: str) -> None:
    """With a message that says what is too much."""
    text, words = ATTACKS[name]
    with pytest.raises(GraphQLErrors) as refused:
        Documents(schema().graphql).get(text)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ATTACKS)
def test_refusing_costs_no_more_than_parsing_what_is_allowed(name: str) -> None:
    """A thousand tokens, the most that are parsed, take some 5 ms; counted in calls of functions, which no other work on the machine changes."""
    documents = Documents(schema().graphql)

    def refuse() -> None:
        with pytest.raises(GraphQLErrors):
            documents.get(ATTACKS[name][0])

    assert calls(refuse) < 1.2 * parsing()


@cache
def parsing() -> int:
    """Return how many calls of functions it takes to parse the largest document allowed."""
    allowed = "{ buyers { nodes { " + "id " * 990 + "} } }"
    return calls(lambda: parse(allowed))


def calls(run: Callable[[], object]) -> int:
    """Return how many functions were called, of Python and of C."""
    counted = {"call": 0, "c_call": 0}

    def count(_frame: object, event: str, _of: object) -> None:
        if event in counted:
            counted[event] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(before)
    return sum(counted.values())


def best_of_three(run: Callable[[], object]) -> float:
    """Return processor seconds."""
    times = []
    for _ in range(3):
        begun = process_time()
        run()
        times.append(process_time() - begun)
    return min(times)


@pytest.mark.parametrize("bomb", [_TWICE, _BOMB])
def test_measuring_a_document_visits_each_selection_once(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fragments that spread each other twice hold 2^25 fields; counting them takes no more steps than the text has."""
    visits = []
    measured = measure._Measure.selection
    monkeypatch.setattr(measure._Measure, "selection", lambda self, node: visits.append(node) or measured(self, node))
    assert limits.check(measure.measure(parse(bomb)), Limits())
    assert len(visits) < 150


def test_validation_does_not_see_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rule on overlapping fields is quadratic, others are exponential."""
    monkeypatch.setattr("crmcore.graphql.planner.documents.checked.validate", None)
    for name in ATTACKS.keys() - {"no operation", "unknown field"}:
        with pytest.raises(GraphQLErrors):
            Documents(schema().graphql).get(ATTACKS[name][0])


def test_fragments_count_wherever_they_are_spread() -> None:
    """Two spreads of three aliases are six."""
    text = "{ buyers { nodes { ...F parent { ...F } } } } fragment F on Buyer { a: id b: id c: id }"
    assert Documents(schema().graphql, limits=Limits(aliases=6)).get(text)
    with pytest.raises(GraphQLErrors, match="6 aliases; at most 5"):
        Documents(schema().graphql, limits=Limits(aliases=5)).get(text)


def test_the_introspection_query_is_within_the_limits() -> None:
    """Tools ask it as it is."""
    from graphql import get_introspection_query

    operation = Documents(schema().graphql).get(get_introspection_query())
    assert isinstance(operation.definition.selection_set.selections[0], FieldNode)


def test_a_circle_is_not_walked_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """18 fragments that each spread all 18 hold no field, and 18! ways through them; none is gone to look for repetitions."""
    monkeypatch.setattr(limits, "repeated_pairs", None)
    assert limits.check(measure.measure(parse(ATTACKS["fragments in all circles"][0])), Limits())


def test_many_fragments_may_select_the_same() -> None:
    """As Relay writes them: each component asks for what it shows."""
    spreads = " ".join(f"...F{n}" for n in range(30))
    parts = " ".join(f"fragment F{n} on Buyer {{ id name }}" for n in range(30))
    text = f"{{ buyers {{ nodes {{ {spreads} }} }} }} {parts}"
    assert Documents(schema().graphql, limits=Limits(fields=1000)).get(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("{ a }", 3),
        ("{ a(b: [1, -2.5e+3, $c], d: {e: F}) @g ...h }", 24),
        ('{ a(b: "x y # \\" z") } # c d e', 8),
        ('{ a(b: """x "y" \\""" z\n""") }', 8),
        ("\ufeffquery A{a,,,b}#\r#\n{c}", 9),
        ('{ a(b: "unclosed', 6),
        ('{ a(b: """unclosed " "" ', 6),
    ],
)
def test_tokens_are_counted_as_the_parser_does(text: str, tokens: int) -> None:
    """Without parsing; comments and what is ignored do not count."""
    assert count_tokens(text, 1000) == tokens
    if "unclosed" not in text:
        lexer, parsed = Lexer(Source(text)), 0
        while lexer.advance().kind is not TokenKind.EOF:
            parsed += 1
        assert parsed == tokens


@pytest.mark.parametrize(
    "text", ['"' * 20_000, '"""' + '\\"""' * 4_000, '"\\' * 10_000, "#\r" * 50_000, " " * 100_000, "'" * 1000]
)
def test_counting_tokens_is_linear(text: str) -> None:
    """Whatever is not closed: each of these took seconds with an expression that tries twice."""
    half = best_of_three(lambda: count_tokens(text[: len(text) // 8], 10**6))
    assert best_of_three(lambda: count_tokens(text, 10**6)) < 40 * half + 0.001


def test_roles_have_limits_of_their_own() -> None:
    """Who has several roles has the largest of each limit; who has none, or one without limits, has everybody's."""
    tiers = Tiers(Limits(depth=10), {"reporting": Limits(depth=20, fields=100), "kiosk": Limits(depth=3, fields=900)})

    def of(*roles: str) -> tuple[int, int]:
        limits = tiers.of(Access(roles=frozenset(roles)))
        return limits.depth, limits.fields

    assert [of(), of("sales"), of("kiosk")] == [(10, 500), (10, 500), (3, 900)]
    assert [of("kiosk", "reporting"), of("kiosk", "sales")] == [(20, 900), (10, 900)]


def test_a_text_is_validated_once_for_all_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was counted is compared with another actor's limits; a narrow one's refusal takes nothing from the cache."""
    documents, text = Documents(schema().graphql), "{ buyers { nodes { id name } } }"
    operation = documents.get(text)
    monkeypatch.setattr("crmcore.graphql.planner.documents.reading.parse", None)
    for narrow in (Limits(fields=3), Limits(depth=2), Limits(tokens=5)):
        with pytest.raises(GraphQLErrors):
            documents.get(text, limits=narrow)
    assert documents.get(text, limits=Limits(depth=30)) is documents.get(text) is operation


def test_a_text_too_large_for_one_is_read_for_another() -> None:
    """The refusal of somebody with narrow limits is not everybody's."""
    documents, text = Documents(schema().graphql), "{ buyers { nodes { id name } } }"
    for narrow in (Limits(fields=3), Limits(tokens=5)):
        with pytest.raises(GraphQLErrors):
            documents.get(text, limits=narrow)
        assert documents.get(text)


@pytest.mark.parametrize("directive", ["defer", "stream"])
def test_incremental_delivery_is_refused_with_the_way_out(directive: str) -> None:
    """The answer comes whole, so there is nothing to wait for."""
    with pytest.raises(GraphQLErrors, match=f"@{directive} is not offered.*operation of its own"):
        Documents(schema().graphql).get(f"{{ buyers {{ nodes {{ ... @{directive} {{ id }} }} }} }}")
