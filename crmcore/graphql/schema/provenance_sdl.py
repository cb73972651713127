"""Writes into the schema's text who gives what, by the directive `@plugin`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from crmcore.entities.registry import Giver
from crmcore.graphql.schema.provenance import Provenance

__all__ = ["attributed"]

_DEFINITION = '''"""
Which plugin gives this, and the version of the plugin that had it first; what carries none is given as its type is.
"""
directive @plugin(name: String!, since: String) on SCALAR | OBJECT | FIELD_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION

'''

#: What the text is made of, as Strawberry prints it: a description; the first line of a type; a member, which may end where
#: its arguments end. graphql-core's parser would find the same places in twenty times the time.
_PIECES = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*"""'
    r"|^(?:type|interface|input|enum|union|scalar) (?P<type>\w+)[^\n{=]*?(?= \{$| =|$)"
    r"|^  (?P<member>\w+).*?(?P<open>\()?$"
    r"|^  (?P<close>\)).*$",
    re.MULTILINE,
)


def attributed(sdl: str, provenance: Provenance) -> str:
    """Return a schema's text with `@plugin` on every type, and on what another plugin or version than its type's gives.

    Nothing else of the text changes.
    """
    pieces, last = [_DEFINITION], 0
    for at, giver in _places(sdl, provenance):
        pieces += [sdl[last:at], " ", _directive(giver)]
        last = at
    return "".join([*pieces, sdl[last:]])


def _places(sdl: str, provenance: Provenance) -> Iterator[tuple[int, Giver]]:
    type_name = member = ""
    for piece in _PIECES.finditer(sdl):
        if piece["type"]:
            type_name = piece["type"]
            yield piece.end(), provenance.types[type_name]
            continue
        member = piece["member"] or member
        # What precedes the first type defines directives.
        if type_name and ((piece["member"] and not piece["open"]) or piece["close"]):
            giver = provenance.part(type_name, member)
            if giver != provenance.types[type_name]:
                yield piece.end(), giver


def _directive(giver: Giver) -> str:
    since = "" if giver.since is None else f", since: {json.dumps(giver.since)}"
    return f"@plugin(name: {json.dumps(giver.plugin)}{since})"
