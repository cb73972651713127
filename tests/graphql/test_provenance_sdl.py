"""`@plugin` is written where it belongs, whatever a description or a default looks like."""

from __future__ import annotations

from collections.abc import Iterator

import strawberry
from graphql import TypeDefinitionNode, parse

from crmcore.entities.registry import Giver
from crmcore.graphql.schema.provenance import Provenance
from crmcore.graphql.schema.provenance_sdl import attributed

NASTY = '''directive @tone(
  """
  What
    colour: String
  """
  colour: String = "type Query {"
) on FIELD_DEFINITION

"""
type Query {
  all: Int
A backslash \\ and \\""" quotes
"""
type Query implements Node & Other {
  """A "quoted" word"""
  id: ID!

  """
  name: String
  """
  name(
    """
    Up to
  )  : Int
    """
    upTo: Int = 3

    """Words"""
    words: [String!] = ["a", "}"]
  ): String @tone(colour: "red") @deprecated(reason: "Say \\"id\\".")
  plain(a: Int, b: In = {c: 1}): Int
}

interface Node {
  id: ID!
}

interface Other {
  id: ID!
}

"""One of them"""
enum Size {
  """enum Small {"""
  SMALL

  LARGE @deprecated
}

input In {
  c: Int = 1
  d: Size = SMALL
}

union Both = Query | Query2

type Query2 {
  a: Int
}

scalar Code @specifiedBy(url: "https://example.com")
'''


def test_every_directive_stands_at_its_place() -> None:
    """graphql-core's parser finds on each type and each member the giver that was meant, and no other change."""
    text = NASTY.replace(" = Query | Query2", " = Query2")
    places = list(_places(text))
    types = {at: Giver(f"of_{at}", "1") for at, _ in places}
    parts = {(at, name): Giver(f"of_{at}_{name}") for at, name in places if name}
    written = attributed(text, Provenance(types, parts))

    assert {(at, ""): [f"of_{at}"] for at, _ in places} | {place: [f"of_{'_'.join(place)}"] for place in parts} == {
        place: [d.arguments[0].value.value for d in node.directives if d.name.value == "plugin"]
        for place, node in _nodes(written)
    }


def _nodes(text: str) -> Iterator[tuple[tuple[str, str], object]]:
    for node in parse(text).definitions:
        if isinstance(node, TypeDefinitionNode):
            yield (node.name.value, ""), node
            for part in (*getattr(node, "fields", ()), *getattr(node, "values", ())):
                yield (node.name.value, part.name.value), part


def _places(text: str) -> Iterator[tuple[str, str]]:
    yield from (place for place, _ in _nodes(text))


def test_strawberry_prints_what_is_understood() -> None:
    """A schema whose descriptions look like definitions is attributed as any other."""

    @strawberry.type(description='type Query {\n  a: Int\n""" {')
    class Query:
        @strawberry.field(description="  b: Int\n}", deprecation_reason='"""')
        def b(self, c: int = 1) -> int:
            return c

    types = {"Query": Giver("core"), "Int": Giver("core")}
    text = strawberry.Schema(Query).as_str()
    written = attributed(text, Provenance(types, {("Query", "b"): Giver("more")}))

    assert 2 == written.count('@plugin(name: "')
    assert text == written.partition("FIELD_DEFINITION\n\n")[2].replace(' @plugin(name: "core")', "").replace(
        ' @plugin(name: "more")', ""
    )
    assert {("Query", ""), ("Query", "b")} == {place for place, node in _nodes(written) if node.directives}
